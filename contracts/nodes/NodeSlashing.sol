// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {INodeRegistry} from "../interfaces/INodeRegistry.sol";
import {INodeSlashing} from "../interfaces/INodeSlashing.sol";
import {ReceiptHash} from "../libraries/ReceiptHash.sol";
import {GuardedPause} from "../safety/GuardedPause.sol";

/// @title NodeSlashing
/// @notice See {INodeSlashing}.
/// @dev Invariants: NOD-I5, NOD-I9, NOD-I10 (docs/invariants.md). Trusts: NODES to track keys and to cap slashes;
/// REPORTER to announce real faults, bounded by the caps and the veto. Calls no untrusted code.
contract NodeSlashing is INodeSlashing, GuardedPause, EIP712, IERC165 {
    using ReceiptHash for Receipt;
    using SafeCast for uint256;

    /// @inheritdoc INodeSlashing
    uint48 public constant CHALLENGE_PERIOD = 12 days;

    /// @inheritdoc INodeSlashing
    uint48 public constant EXECUTION_PERIOD = 8 days;

    /// @inheritdoc INodeSlashing
    uint16 public constant EQUIVOCATION_BPS = 500;

    uint256 private constant BPS = 10_000;

    /// @inheritdoc INodeSlashing
    INodeRegistry public immutable NODES;

    mapping(bytes32 offence => bool proven) private _isProven;
    mapping(address key => bool slashed) private _isSlashed;
    mapping(uint256 fault => Fault announced) private _faults;
    uint256 private _faultCount;

    /// @param nodes Node registry of the suite.
    /// @param initialAuthority AccessManager of the suite.
    constructor(
        INodeRegistry nodes,
        address initialAuthority
    ) AccessManaged(initialAuthority) EIP712("OPA NodeSlashing", "1") {
        require(address(nodes) != address(0), NodeSlashingZeroAddress());
        NODES = nodes;
    }

    /// @inheritdoc INodeSlashing
    function proveEquivocation(
        SignedReceipt calldata first,
        SignedReceipt calldata second
    ) external whenNotPaused returns (uint256 amount) {
        Receipt calldata receipt = first.receipt;
        (address provider, address account, bytes32 request) = (receipt.provider, receipt.account, receipt.request);
        address key = first.signer;
        require(
            second.signer == key &&
                second.receipt.provider == provider &&
                second.receipt.account == account &&
                second.receipt.request == request,
            NodeSlashingUnrelatedReceipts()
        );
        bytes32 digest = hashReceipt(receipt);
        bytes32 otherDigest = hashReceipt(second.receipt);
        require(digest != otherDigest, NodeSlashingIdenticalReceipts(digest));
        bytes32 offence = _offence(key, account, request);
        if (_isProven[offence]) return 0;
        _requireKey(provider, key);
        _requireSigned(first, digest);
        _requireSigned(second, otherDigest);

        _isProven[offence] = true;
        _isSlashed[key] = true;
        emit EquivocationProven(provider, account, request, key, msg.sender);

        return _slash(provider, EQUIVOCATION_BPS);
    }

    /// @inheritdoc INodeSlashing
    function announceFault(
        address provider,
        uint16 bps,
        bytes32 evidence,
        string calldata evidenceURI
    ) external restricted whenNotPaused returns (uint256 fault) {
        require(
            NODES.nodeOf(provider).status != INodeRegistry.Status.Unknown,
            INodeRegistry.NodeRegistryUnknownNode(provider)
        );
        uint16 maximum = NODES.NODE_CAP_BPS();
        require(bps != 0 && bps <= maximum, NodeSlashingInvalidShare(bps, maximum));

        fault = ++_faultCount;
        uint48 deadline = (block.timestamp + CHALLENGE_PERIOD).toUint48();
        _faults[fault] = Fault(provider, bps, deadline, FaultState.Announced);
        emit FaultAnnounced(fault, provider, bps, evidence, evidenceURI, deadline);
    }

    /// @inheritdoc INodeSlashing
    function vetoFault(uint256 fault) external restricted {
        Fault memory announced = _requireAnnounced(fault);
        require(block.timestamp < announced.deadline, NodeSlashingVetoClosed(fault, announced.deadline));

        _faults[fault].state = FaultState.Vetoed;
        emit FaultVetoed(fault);
    }

    /// @inheritdoc INodeSlashing
    function executeFault(uint256 fault) external whenNotPaused returns (uint256 amount) {
        if (_faults[fault].state == FaultState.Executed) return 0;
        Fault memory announced = _requireAnnounced(fault);
        uint48 closesAt = announced.deadline + EXECUTION_PERIOD;
        require(
            block.timestamp >= announced.deadline && block.timestamp < closesAt,
            NodeSlashingNotExecutable(fault, announced.deadline, closesAt)
        );

        _faults[fault].state = FaultState.Executed;
        emit FaultExecuted(fault);
        return _slash(announced.provider, announced.bps);
    }

    /// @inheritdoc INodeSlashing
    function faultOf(uint256 fault) external view returns (Fault memory announced) {
        return _faults[fault];
    }

    /// @inheritdoc INodeSlashing
    function isProven(address key, address account, bytes32 request) external view returns (bool proven) {
        return _isProven[_offence(key, account, request)];
    }

    /// @inheritdoc INodeSlashing
    function isSlashed(address key) external view returns (bool slashed) {
        return _isSlashed[key];
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(INodeSlashing).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc INodeSlashing
    function hashReceipt(Receipt calldata receipt) public view returns (bytes32 digest) {
        return _hashTypedDataV4(receipt.hash());
    }

    /// @dev Slashes a share of the stake within the caps. Reverts if earlier slashes leave less than half of it.
    /// Otherwise a node could use up an offence with a near-zero slash. Half is enough: if the full amount were
    /// required, a small slash of another node could block a large one.
    function _slash(address provider, uint16 bps) private returns (uint256 amount) {
        (uint256 staked, uint256 unbonding) = NODES.stakeOf(provider);
        uint256 demanded = Math.min(((staked + unbonding) * bps) / BPS, NODES.slashCapOf(provider));
        amount = NODES.slash(provider, bps);
        require(amount >= demanded / 2, NodeSlashingCapReached(provider, amount, demanded));
    }

    /// @dev Reverts unless the fault is announced, and neither vetoed nor executed.
    function _requireAnnounced(uint256 fault) private view returns (Fault memory announced) {
        announced = _faults[fault];
        require(announced.state == FaultState.Announced, NodeSlashingWrongState(fault, announced.state));
    }

    /// @dev Reverts if the key is not the provider's, was retired too long ago, or is retired and was slashed for
    /// before. Otherwise a replaced key would be worth stealing.
    function _requireKey(address provider, address key) private view {
        (address keyOf, uint48 retiredAt) = NODES.providerOf(key);
        bool counts = retiredAt == 0 || block.timestamp < retiredAt + NODES.UNBONDING_PERIOD();
        require(keyOf == provider && provider != address(0) && counts, NodeSlashingInvalidKey(provider, key));
        require(retiredAt == 0 || !_isSlashed[key], NodeSlashingKeySpent(provider, key));
    }

    /// @dev Reverts unless the receipt is signed by ECDSA, in 65 bytes with v 27 or 28 and the lower s.
    function _requireSigned(SignedReceipt calldata signed, bytes32 digest) private pure {
        (address recovered, ECDSA.RecoverError failure, ) = ECDSA.tryRecoverCalldata(digest, signed.signature);
        require(
            failure == ECDSA.RecoverError.NoError && recovered == signed.signer,
            NodeSlashingInvalidReceipt(signed.receipt.provider, signed.signer)
        );
    }

    /// @dev Id of the offence: one for each key, account and request, for any number of contradicting receipts.
    function _offence(address key, address account, bytes32 request) private pure returns (bytes32 offence) {
        return keccak256(abi.encode(key, account, request));
    }
}
