// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeRegistry} from "./INodeRegistry.sol";

/// @title INodeSlashing
/// @notice How a provider loses stake: by its own signatures that contradict each other, or by a fault that governance lets
/// stand.
/// @dev Decides only; the node registry slashes, under its own caps. A pause stops proofs, announcements and executions;
/// vetoes and unbonding go on.
///
/// Warning: an operator that is a wallet contract (ERC-1271) can take back what it signed, so two of its receipts prove
/// nothing for certain. Whoever relies on receipts deals with operators that have no code.
interface INodeSlashing {
    /// @notice Where an announced fault stands.
    enum FaultState {
        Unknown,
        Announced,
        Vetoed,
        Executed
    }

    /// @notice What a node signs for a call that it served (EIP-712).
    /// @param provider Provider that served.
    /// @param account Account that was served.
    /// @param sequence Number of the receipt for this account; a node uses each number once.
    /// @param resource Resource used.
    /// @param units Units used.
    /// @param content Hash of request and response, or of whatever the two agreed on.
    struct Receipt {
        address provider;
        address account;
        uint64 sequence;
        uint32 resource;
        uint128 units;
        bytes32 content;
    }

    /// @notice A receipt and its proof.
    /// @param receipt What was signed.
    /// @param signer Operator key that signed.
    /// @param signature ECDSA signature (65 bytes) or ERC-1271 data over the EIP-712 hash.
    struct SignedReceipt {
        Receipt receipt;
        address signer;
        bytes signature;
    }

    /// @notice A fault that was announced.
    /// @param provider Provider concerned.
    /// @param bps Share of the stake that would be slashed.
    /// @param deadline First second at which it can be executed, and no longer vetoed.
    /// @param state Where it stands.
    struct Fault {
        address provider;
        uint16 bps;
        uint48 deadline;
        FaultState state;
    }

    /// @notice Emitted when two receipts are shown to contradict each other.
    /// @param provider Provider that signed both.
    /// @param account Account they are for.
    /// @param sequence Number they share.
    /// @param reporter Who showed them.
    event EquivocationProven(
        address indexed provider,
        address indexed account,
        uint64 indexed sequence,
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

    /// @notice Emitted when governance does not let a fault stand.
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

    /// @notice A receipt is not signed by an operator key of the provider, or by one retired too long ago.
    /// @param provider Provider named.
    /// @param signer Signer named.
    error NodeSlashingInvalidReceipt(address provider, address signer);

    /// @notice Two receipts are for different providers, accounts or sequences.
    error NodeSlashingUnrelatedReceipts();

    /// @notice Two receipts say the same.
    /// @param digest EIP-712 hash of both.
    error NodeSlashingIdenticalReceipts(bytes32 digest);

    /// @notice The offence was slashed before.
    /// @param provider Provider concerned.
    /// @param account Account of the receipts.
    /// @param sequence Number of the receipts.
    error NodeSlashingRepeatedOffence(address provider, address account, uint64 sequence);

    /// @notice The caps leave less than half of what they allow for it, since something was slashed before. Nothing is
    /// slashed; it can be tried again later.
    /// @param provider Provider concerned.
    /// @param left OPA wei that the caps leave.
    /// @param demanded OPA wei that it costs, as far as the caps allow that at all.
    error NodeSlashingCapReached(address provider, uint256 left, uint256 demanded);

    /// @notice The fault is not in the state that this needs.
    /// @param fault Its id.
    /// @param state State it is in.
    error NodeSlashingWrongState(uint256 fault, FaultState state);

    /// @notice The fault can no longer be vetoed.
    /// @param fault Its id.
    /// @param deadline Second from which on it could not.
    error NodeSlashingVetoClosed(uint256 fault, uint48 deadline);

    /// @notice The fault cannot be executed now.
    /// @param fault Its id.
    /// @param opensAt First second at which it can.
    /// @param closesAt First second at which it no longer can.
    error NodeSlashingNotExecutable(uint256 fault, uint48 opensAt, uint48 closesAt);

    /// @notice Slashes a provider that signed two different receipts for one account and sequence. Nobody's judgement is needed.
    /// @dev Emits {EquivocationProven} and {INodeStaking-StakeSlashed}. Callable by anyone; nothing is paid to whoever shows it.
    ///
    /// Reverts:
    /// - {NodeSlashingUnrelatedReceipts} if provider, account or sequence differ.
    /// - {NodeSlashingIdenticalReceipts} if nothing else differs.
    /// - {NodeSlashingRepeatedOffence} if provider, account and sequence were slashed before.
    /// - {NodeSlashingInvalidReceipt} if a receipt is not signed by an operator key of the provider.
    /// - {INodeStaking-NodeStakingNothingToSlash} and {NodeSlashingCapReached} if nothing is at stake or a cap is reached; it can
    /// be shown again later.
    /// @param first One receipt.
    /// @param second The other one.
    /// @return amount OPA wei slashed.
    function proveEquivocation(
        SignedReceipt calldata first,
        SignedReceipt calldata second
    ) external returns (uint256 amount);

    /// @notice Announces a fault that cannot be proven by signatures.
    /// @dev Emits {FaultAnnounced}. The deadline is fixed here.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the REPORTER role.
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

    /// @notice Does not let an announced fault stand.
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
    /// deadline on.
    ///
    /// Reverts:
    /// - {NodeSlashingWrongState} if it is not announced.
    /// - {NodeSlashingNotExecutable} before its deadline and after the period.
    /// - {INodeStaking-NodeStakingNothingToSlash} and {NodeSlashingCapReached} if nothing is at stake or a cap is reached; it can
    /// be tried again later: the period is longer than that of the caps.
    /// @param fault Its id.
    /// @return amount OPA wei slashed.
    function executeFault(uint256 fault) external returns (uint256 amount);

    /// @notice Where keys are known and stakes are held.
    function NODES() external view returns (INodeRegistry);

    /// @notice Seconds from the announcement of a fault to its deadline; shorter than unbonding.
    function CHALLENGE_PERIOD() external view returns (uint48);

    /// @notice Seconds from its deadline in which a fault can be executed; with the challenge not longer than unbonding.
    function EXECUTION_PERIOD() external view returns (uint48);

    /// @notice Share of its stake that a provider loses for an equivocation.
    function EQUIVOCATION_BPS() external view returns (uint16);

    /// @notice Gas that an ERC-1271 operator may use to check one signature.
    function WALLET_GAS() external view returns (uint256);

    /// @notice A fault that was announced.
    /// @param fault Its id, counting up from 1.
    /// @return announced What was announced, and where it stands; all zero for an unknown id.
    function faultOf(uint256 fault) external view returns (Fault memory announced);

    /// @notice Whether a provider was slashed for two receipts with this account and sequence.
    /// @param provider Provider that signed.
    /// @param account Account of the receipts.
    /// @param sequence Number of the receipts.
    /// @return proven Whether it was.
    function isProven(address provider, address account, uint64 sequence) external view returns (bool proven);

    /// @notice EIP-712 hash that an operator key signs for a receipt, for this chain and this contract.
    /// @param receipt Receipt to hash.
    /// @return digest What is signed.
    function hashReceipt(Receipt calldata receipt) external view returns (bytes32 digest);
}
