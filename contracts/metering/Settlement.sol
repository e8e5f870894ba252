// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {SimulateCall} from "@openzeppelin/contracts/utils/SimulateCall.sol";

import {IMeter} from "../interfaces/IMeter.sol";
import {IMeterBilling} from "../interfaces/IMeterBilling.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {LineWord} from "../libraries/RunningTotals.sol";
import {SignerCheck} from "../libraries/SignerCheck.sol";
import {StatementHash} from "../libraries/StatementHash.sol";

/// @title Settlement
/// @notice See {ISettlement}.
/// @dev Invariants: SET-I9, SET-I12 (docs/invariants.md). Holds no state. Trusts: METER to judge and to burn. Calls no untrusted
/// code except a static call to an ERC-1271 signer.
contract Settlement is ISettlement, EIP712 {
    using Address for address;
    using MessageHashUtils for bytes32;
    using SignerCheck for address;
    using StatementHash for Metering.Statement;

    /// @inheritdoc ISettlement
    uint256 public constant WALLET_GAS = 300_000;

    /// @inheritdoc ISettlement
    IMeter public immutable METER;

    uint256 private immutable MAX_LINES;

    /// @param meter Meter of the system.
    constructor(IMeter meter) EIP712("OPA Settlement", "1") {
        require(address(meter) != address(0), SettlementZeroAddress());
        METER = meter;
        MAX_LINES = meter.MAX_LINES();
    }

    /// @inheritdoc ISettlement
    function settle(
        Metering.SignedStatement[] calldata statements
    ) external returns (Metering.Result[] memory results) {
        uint256 count = statements.length;
        require(count != 0, SettlementEmpty());

        bytes32 domain = _domainSeparatorV4();
        Metering.Reason[] memory verdicts; // empty while every statement passed
        for (uint256 i = 0; i < count; ++i) {
            Metering.Reason verdict = _verify(statements[i], domain);
            if (verdict == Metering.Reason.None) continue;

            if (verdicts.length == 0) verdicts = new Metering.Reason[](count);
            verdicts[i] = verdict;
        }
        if (verdicts.length != 0) return METER.chargeSome(statements, verdicts);

        // `charge` has the parameters and the results of this function. So the Meter decodes the same bytes at the same
        // places, and its answer is passed on as it is. Decoding and encoding both again would cost 2,000 to 3,000 gas a
        // statement. Only the selectors differ, which an offset below zero can reach. Nothing settles from there: a length
        // that overlaps them is zero, and the checked fields of a statement refuse their bits.
        bytes memory call = bytes.concat(IMeterBilling.charge.selector, msg.data[4:]);
        bytes memory returned = address(METER).functionCall(call);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            return(add(returned, 0x20), mload(returned))
        }
    }

    /// @inheritdoc ISettlement
    function preview(
        Metering.SignedStatement[] calldata statements
    ) external returns (Metering.Result[] memory results) {
        (bool success, bytes memory returned) = SimulateCall.simulateCall(
            address(this),
            abi.encodeCall(ISettlement.settle, (statements))
        );
        return abi.decode(Address.verifyCallResult(success, returned), (Metering.Result[]));
    }

    /// @inheritdoc ISettlement
    function hashStatement(Metering.Statement calldata statement) external view returns (bytes32 digest) {
        return _hashTypedDataV4(statement.hash());
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(ISettlement).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @dev Reason that skips a statement; `None` if its form is valid and the named signer signed it.
    function _verify(
        Metering.SignedStatement calldata signed,
        bytes32 domain
    ) private view returns (Metering.Reason reason) {
        uint256[] calldata lines = signed.lines;
        // The Meter has its own reasons for both.
        if (lines.length == 0) return Metering.Reason.NoLines;
        if (lines.length > MAX_LINES) return Metering.Reason.TooManyLines;
        if (block.timestamp > signed.deadline) return Metering.Reason.DeadlineExpired;

        // Hashes and return data of a wallet are not used afterwards, so their memory is freed. Otherwise later
        // statements would pay for the memory that one wallet fills.
        Memory.Pointer scratch = Memory.getFreeMemoryPointer();
        (bytes32[] memory hashes, bool ordered) = _hashLines(lines);
        bytes32 structHash = StatementHash.hash(signed.account, signed.priceEpoch, signed.deadline, hashes);
        bool isSigned = signed.signer.isSigned(domain.toTypedDataHash(structHash), signed.signature, WALLET_GAS);
        Memory.unsafeSetFreeMemoryPointer(scratch);
        if (!isSigned) return Metering.Reason.InvalidSignature;
        if (!ordered) return Metering.Reason.LinesUnordered;
    }

    /// @dev EIP-712 hash of each line, and whether lines ascend strictly by provider and resource.
    function _hashLines(uint256[] calldata lines) private pure returns (bytes32[] memory hashes, bool ordered) {
        uint256 count = lines.length;
        hashes = new bytes32[](count);
        ordered = true;
        uint256 next = 0; // smallest allowed provider and resource of the next line
        for (uint256 i = 0; i < count; ++i) {
            LineWord line = LineWord.wrap(lines[i]);
            // Providers and resources are below 2^192.
            unchecked {
                uint256 place = LineWord.unwrap(line) >> 64;
                if (place < next) ordered = false;
                next = place + 1;
            }
            hashes[i] = StatementHash.hashLine(uint160(line.provider()), line.resource(), line.units());
        }
    }
}
