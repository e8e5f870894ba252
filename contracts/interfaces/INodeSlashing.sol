// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeRegistry} from "./INodeRegistry.sol";

/// @title INodeSlashing
/// @notice Slashing of providers: for two contradicting receipts, or for an announced fault that governance does not
/// veto.
/// @dev Decides only; the node registry slashes, under its own caps. A pause stops proofs, announcements and executions;
/// vetoes and unbonding go on.
///
/// A receipt names the signed request of the consumer by its hash, so the consumer fixes the number. Two different
/// receipts for one request are the offence. Each key stands alone: a provider that lost its records rotates its key
/// and starts clean. Each offence of a key in force is slashed. A retired key can cost its provider one more slash, and
/// none if it was slashed for before.
///
/// Receipts are signed by ECDSA only. A wallet contract could revoke a signature, so it cannot sign receipts.
interface INodeSlashing {
    /// @notice State of an announced fault.
    enum FaultState {
        Unknown,
        Announced,
        Vetoed,
        Executed
    }

    /// @notice Units of one resource that a call used.
    /// @param resource Resource used.
    /// @param units Units used.
    struct Use {
        uint32 resource;
        uint128 units;
    }

    /// @notice Message that a provider's operator signs for a served call (EIP-712).
    /// @param provider Provider that served.
    /// @param account Account that was served.
    /// @param request Hash of the request that the consumer signed; a key answers each request once.
    /// @param uses Units of each resource used, ascending by resource.
    /// @param content Hash of request and response, or of other agreed content.
    struct Receipt {
        address provider;
        address account;
        bytes32 request;
        Use[] uses;
        bytes32 content;
    }

    /// @notice A receipt and its proof.
    /// @param receipt Receipt that was signed.
    /// @param signer Operator key that signed.
    /// @param signature ECDSA signature over the EIP-712 hash: 65 bytes, v is 27 or 28.
    struct SignedReceipt {
        Receipt receipt;
        address signer;
        bytes signature;
    }

    /// @notice A fault that was announced.
    /// @param provider Provider concerned.
    /// @param bps Share of the stake that would be slashed.
    /// @param deadline First second at which it can be executed, and no longer vetoed.
    /// @param state State of the fault.
    struct Fault {
        address provider;
        uint16 bps;
        uint48 deadline;
        FaultState state;
    }

    /// @notice Emitted when two contradicting receipts are proven.
    /// @param provider Provider that signed both.
    /// @param account Account they are for.
    /// @param request Request they share.
    /// @param key Operator key that signed both.
    /// @param reporter Account that submitted them.
    event EquivocationProven(
        address indexed provider,
        address indexed account,
        bytes32 indexed request,
        address key,
        address reporter
    );

    /// @notice Emitted when a fault is announced.
    /// @param fault Its id.
    /// @param provider Provider concerned.
    /// @param bps Share of the stake that would be slashed.
    /// @param evidence Hash of the evidence.
    /// @param evidenceURI Where the evidence is.
    /// @param deadline First second at which it can be executed.
    event FaultAnnounced(
        uint256 indexed fault,
        address indexed provider,
        uint16 bps,
        bytes32 evidence,
        string evidenceURI,
        uint48 deadline
    );

    /// @notice Emitted when governance vetoes a fault.
    /// @param fault Its id.
    event FaultVetoed(uint256 indexed fault);

    /// @notice Emitted when a fault is executed.
    /// @param fault Its id.
    event FaultExecuted(uint256 indexed fault);

    /// @notice A module address is zero.
    error NodeSlashingZeroAddress();

    /// @notice The share is zero or over its bound.
    /// @param bps Share asked for.
    /// @param maximum Largest share.
    error NodeSlashingInvalidShare(uint16 bps, uint16 maximum);

    /// @notice The signer is not an operator key of the provider, or one retired too long ago.
    /// @param provider Provider named.
    /// @param key Signer named.
    error NodeSlashingInvalidKey(address provider, address key);

    /// @notice The key is retired and was slashed for before; it cannot cost its node more.
    /// @param provider Provider concerned.
    /// @param key The key.
    error NodeSlashingKeySpent(address provider, address key);

    /// @notice A receipt is not signed by the signer that it names.
    /// @param provider Provider named.
    /// @param signer Signer named.
    error NodeSlashingInvalidReceipt(address provider, address signer);

    /// @notice Two receipts are of different signers, providers, accounts or requests.
    error NodeSlashingUnrelatedReceipts();

    /// @notice Two receipts say the same.
    /// @param digest EIP-712 hash of both.
    error NodeSlashingIdenticalReceipts(bytes32 digest);

    /// @notice Earlier slashes leave less than half of the intended amount within the caps. Nothing is slashed; the
    /// call can be repeated later.
    /// @param provider Provider concerned.
    /// @param left OPA wei that the caps leave.
    /// @param demanded OPA wei of the slash, bounded by the full caps.
    error NodeSlashingCapReached(address provider, uint256 left, uint256 demanded);

    /// @notice The fault is in the wrong state.
    /// @param fault Its id.
    /// @param state State it is in.
    error NodeSlashingWrongState(uint256 fault, FaultState state);

    /// @notice The fault can no longer be vetoed.
    /// @param fault Its id.
    /// @param deadline First second without a veto.
    error NodeSlashingVetoClosed(uint256 fault, uint48 deadline);

    /// @notice The fault cannot be executed now.
    /// @param fault Its id.
    /// @param opensAt First second at which it can.
    /// @param closesAt First second at which it no longer can.
    error NodeSlashingNotExecutable(uint256 fault, uint48 opensAt, uint48 closesAt);

    /// @notice Slashes a provider whose key signed two different receipts for one request. It needs no judgement.
    /// @dev Emits {EquivocationProven} and {INodeStaking-StakeSlashed}. Callable by anyone; the caller is not paid. One
    /// offence has one signer, account and request; a further proof of it has no effect.
    ///
    /// Reverts:
    /// - `GuardedPauseActive` while the module is paused.
    /// - {NodeSlashingUnrelatedReceipts} if signer, provider, account or request differ.
    /// - {NodeSlashingIdenticalReceipts} if nothing else differs.
    /// - {NodeSlashingInvalidKey} if the signer is not an operator key of the provider.
    /// - {NodeSlashingKeySpent} if the key is retired and was slashed for before.
    /// - {NodeSlashingInvalidReceipt} if a receipt is not signed by its signer.
    /// - {INodeStaking-NodeStakingNothingToSlash} and {NodeSlashingCapReached} if nothing is at stake or a cap is
    /// reached. The proof can be repeated later.
    /// @param first One receipt.
    /// @param second The other one.
    /// @return amount OPA wei slashed, zero if the offence was slashed before.
    function proveEquivocation(
        SignedReceipt calldata first,
        SignedReceipt calldata second
    ) external returns (uint256 amount);

    /// @notice Announces a fault that cannot be proven by signatures.
    /// @dev Emits {FaultAnnounced}. The deadline is fixed here.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the REPORTER role.
    /// - `GuardedPauseActive` while the module is paused.
    /// - {INodeRegistry-NodeRegistryUnknownNode} if the provider has not registered.
    /// - {NodeSlashingInvalidShare} if the share is zero or over {INodeStaking-NODE_CAP_BPS}.
    /// @param provider Provider concerned.
    /// @param bps Share of its stake to slash.
    /// @param evidence Hash of the evidence.
    /// @param evidenceURI Where the evidence is.
    /// @return fault Its id.
    function announceFault(
        address provider,
        uint16 bps,
        bytes32 evidence,
        string calldata evidenceURI
    ) external returns (uint256 fault);

    /// @notice Vetoes an announced fault.
    /// @dev Emits {FaultVetoed}.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the GOVERNANCE role.
    /// - {NodeSlashingWrongState} if it is not announced.
    /// - {NodeSlashingVetoClosed} if its deadline has passed.
    /// @param fault Its id.
    function vetoFault(uint256 fault) external;

    /// @notice Slashes for a fault that nobody vetoed.
    /// @dev Emits {FaultExecuted} and {INodeStaking-StakeSlashed}. Callable by anyone in the {EXECUTION_PERIOD} from its
    /// deadline on; a repeated call has no effect.
    ///
    /// Reverts:
    /// - `GuardedPauseActive` while the module is paused.
    /// - {NodeSlashingWrongState} if it is unknown or vetoed.
    /// - {NodeSlashingNotExecutable} before its deadline and after the period.
    /// - {INodeStaking-NodeStakingNothingToSlash} and {NodeSlashingCapReached} if nothing is at stake or a cap is
    /// reached. The call can be repeated later: {EXECUTION_PERIOD} is longer than the period of the caps.
    /// @param fault Its id.
    /// @return amount OPA wei slashed, zero if it was executed before.
    function executeFault(uint256 fault) external returns (uint256 amount);

    /// @notice Registry of keys and stakes.
    function NODES() external view returns (INodeRegistry);

    /// @notice Seconds from the announcement of a fault to its deadline; shorter than unbonding.
    function CHALLENGE_PERIOD() external view returns (uint48);

    /// @notice Seconds from its deadline in which a fault can be executed. Challenge and execution together are a day
    /// shorter than unbonding. So a provider that exits at the announcement can still be slashed.
    function EXECUTION_PERIOD() external view returns (uint48);

    /// @notice Share of its stake that a provider loses for an equivocation.
    function EQUIVOCATION_BPS() external view returns (uint16);

    /// @notice A fault that was announced.
    /// @param fault Its id, counting up from 1.
    /// @return announced Fault and its state; all zero for an unknown id.
    function faultOf(uint256 fault) external view returns (Fault memory announced);

    /// @notice Whether a key was slashed for two receipts for this account and request.
    /// @param key Operator key that signed.
    /// @param account Account of the receipts.
    /// @param request Request of the receipts.
    /// @return proven Whether it was.
    function isProven(address key, address account, bytes32 request) external view returns (bool proven);

    /// @notice Whether a key was ever slashed for equivocation.
    /// @param key Operator key.
    /// @return slashed Whether it was.
    function isSlashed(address key) external view returns (bool slashed);

    /// @notice EIP-712 hash that an operator key signs for a receipt, for this chain and this contract.
    /// @param receipt Receipt to hash.
    /// @return digest Hash to sign.
    function hashReceipt(Receipt calldata receipt) external view returns (bytes32 digest);
}
