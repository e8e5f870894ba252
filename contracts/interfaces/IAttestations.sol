// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMeter} from "./IMeter.sol";
import {Contribution} from "./types/Contribution.sol";

/// @title IAttestations
/// @notice Contributions other than provision, by predefined rules. A kind fixes points per unit, a cap per account and
/// epoch, the longest validity of an attestation, and the verifiers.
/// @dev A kind is data, so a new kind needs no code. The points per unit never change; another value needs another
/// kind. A point earns at most {IIncentivePool-POINT_CEILING}, so the points per unit also bound the OPA per unit.
/// Points go to the pool of the running epoch ({IMeter-bookOf}), so evidence stays counted when a pool is replaced. A
/// pause stops {attest}.
interface IAttestations {
    /// @notice Rules of a new kind.
    /// @param name Name, at most 31 bytes.
    /// @param category Category of the points; never `Provision`.
    /// @param pointsPerUnit Points of one unit.
    /// @param epochCap Most points that one account gets for this kind in an epoch.
    /// @param longest Longest validity of an attestation in seconds.
    /// @param threshold Number of verifiers that have to sign.
    /// @param verifiers Accounts that may sign.
    struct KindParams {
        string name;
        Contribution.Category category;
        uint56 pointsPerUnit;
        uint56 epochCap;
        uint32 longest;
        uint8 threshold;
        address[] verifiers;
    }

    /// @notice A kind as it can be read back.
    /// @param name Name; empty if the kind does not exist.
    /// @param category Category of the points.
    /// @param pointsPerUnit Points of one unit.
    /// @param epochCap Most points that one account gets for this kind in an epoch.
    /// @param longest Longest validity of an attestation in seconds.
    /// @param threshold Number of verifiers that have to sign.
    /// @param retired Whether nothing can be attested any more.
    /// @param set Number of its set of verifiers, counting up from 1.
    /// @param verifiers Accounts that may sign.
    struct Kind {
        string name;
        Contribution.Category category;
        uint56 pointsPerUnit;
        uint56 epochCap;
        uint32 longest;
        uint8 threshold;
        bool retired;
        uint32 set;
        address[] verifiers;
    }

    /// @notice Message that verifiers sign (EIP-712).
    /// @param kind Kind of the contribution.
    /// @param set Set of verifiers, see {kindOf}; a later set voids the attestation.
    /// @param account Contributor.
    /// @param units Number of units.
    /// @param evidence Hash of the evidence, counted once per kind.
    /// @param notBefore First second at which it can be recorded.
    /// @param deadline Last second at which it can be recorded.
    struct Attestation {
        uint32 kind;
        uint32 set;
        address account;
        uint64 units;
        bytes32 evidence;
        uint48 notBefore;
        uint48 deadline;
    }

    /// @notice Emitted when a kind is defined.
    /// @param kind Its id.
    /// @param name Name of the kind.
    /// @param category Category of the points.
    /// @param pointsPerUnit Points of one unit.
    /// @param epochCap Most points that one account gets in an epoch.
    /// @param longest Longest validity of an attestation in seconds.
    event KindDefined(
        uint32 indexed kind,
        string name,
        Contribution.Category indexed category,
        uint56 pointsPerUnit,
        uint56 epochCap,
        uint32 longest
    );

    /// @notice Emitted when a kind gets its verifiers.
    /// @param kind Its id.
    /// @param set Number of the set.
    /// @param verifiers Accounts that may sign from now on.
    /// @param threshold Number of them that have to sign.
    event VerifiersChanged(uint32 indexed kind, uint32 indexed set, address[] verifiers, uint8 threshold);

    /// @notice Emitted when a kind is retired.
    /// @param kind Its id.
    event KindRetired(uint32 indexed kind);

    /// @notice Emitted when a contribution is recorded.
    /// @param kind Its kind.
    /// @param account Contributor.
    /// @param evidence Hash of the evidence.
    /// @param units Number of units.
    /// @param points Points of the contribution.
    event ContributionAttested(
        uint32 indexed kind,
        address indexed account,
        bytes32 indexed evidence,
        uint64 units,
        uint256 points
    );

    /// @notice A module address is zero.
    error AttestationsZeroAddress();

    /// @notice The rules of a kind are not complete: no name, `Provision`, no points, no validity, or a cap that one unit exceeds.
    /// @param name Its name.
    error AttestationsInvalidKind(string name);

    /// @notice There are too many verifiers, or one is zero or named twice.
    /// @param verifier First invalid verifier, or zero.
    error AttestationsInvalidVerifier(address verifier);

    /// @notice The threshold is zero or more than there are verifiers.
    /// @param threshold Number of signatures asked for.
    /// @param verifiers Number of verifiers.
    error AttestationsInvalidThreshold(uint256 threshold, uint256 verifiers);

    /// @notice The kind does not exist or is retired.
    /// @param kind Its id.
    error AttestationsUnknownKind(uint32 kind);

    /// @notice The attestation is signed for another set of verifiers.
    /// @param set Set given.
    /// @param current Current set of the kind.
    error AttestationsWrongSet(uint32 set, uint32 current);

    /// @notice The attestation cannot be recorded yet.
    /// @param notBefore First second at which it can be.
    error AttestationsTooEarly(uint48 notBefore);

    /// @notice The attestation can no longer be recorded.
    /// @param deadline Last second at which it could be.
    error AttestationsExpired(uint48 deadline);

    /// @notice The attestation is valid for longer than its kind allows.
    /// @param notBefore First second at which it can be recorded.
    /// @param deadline Last second at which it can be recorded.
    /// @param longest Longest validity in seconds.
    error AttestationsInvalidPeriod(uint48 notBefore, uint48 deadline, uint32 longest);

    /// @notice The evidence was counted for another contribution of the kind.
    /// @param kind Kind concerned.
    /// @param evidence Its hash.
    error AttestationsRepeatedEvidence(uint32 kind, bytes32 evidence);

    /// @notice No pool divides the running epoch.
    /// @param epoch Running epoch.
    error AttestationsNoPool(uint32 epoch);

    /// @notice The account would have more points for this kind in the running epoch than the cap allows. Nothing is counted; it
    /// can be recorded in a later epoch.
    /// @param account Contributor.
    /// @param points Points of the contribution.
    /// @param left Points that the cap leaves.
    error AttestationsCapExceeded(address account, uint256 points, uint256 left);

    /// @notice The number of signers is not the threshold, or differs from the number of signatures.
    /// @param signers Number of signers.
    /// @param signatures Number of signatures.
    /// @param threshold Number asked for.
    error AttestationsWrongSignerCount(uint256 signers, uint256 signatures, uint256 threshold);

    /// @notice A signer is no verifier of the kind, or is the account itself.
    /// @param signer Address of the signer.
    error AttestationsInvalidSigner(address signer);

    /// @notice The signers are not in strictly ascending order, so one may be named twice.
    /// @param signer First signer out of order.
    error AttestationsUnorderedSigner(address signer);

    /// @notice A signature is not by its signer over this attestation.
    /// @param signer Signer named.
    error AttestationsInvalidSignature(address signer);

    /// @notice Defines a kind.
    /// @dev Emits {KindDefined} and {VerifiersChanged}.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the GOVERNANCE role.
    /// - {AttestationsInvalidKind} if the rules are not complete, `StringTooLong` if the name is over 31 bytes.
    /// - {AttestationsInvalidVerifier} and {AttestationsInvalidThreshold} as {setVerifiers} says.
    /// @param params Its rules.
    /// @return kind Its id, counting up from 1.
    function defineKind(KindParams calldata params) external returns (uint32 kind);

    /// @notice Replaces the verifiers of a kind or their threshold.
    /// @dev Emits {VerifiersChanged}. Voids all attestations that are signed and not recorded.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the GOVERNANCE role.
    /// - {AttestationsUnknownKind} if the kind does not exist or is retired.
    /// - {AttestationsInvalidVerifier} if there are over {MAX_VERIFIERS}, or one is zero or named twice.
    /// - {AttestationsInvalidThreshold} if the threshold is zero or over their number.
    /// @param kind Its id.
    /// @param verifiers Accounts that may sign.
    /// @param threshold Number of them that have to sign.
    function setVerifiers(uint32 kind, address[] calldata verifiers, uint8 threshold) external;

    /// @notice Retires a kind for ever.
    /// @dev Emits {KindRetired}.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the GOVERNANCE role.
    /// - {AttestationsUnknownKind} if the kind does not exist or is retired.
    /// @param kind Its id.
    function retireKind(uint32 kind) external;

    /// @notice Records a contribution that enough verifiers signed for, in the running epoch.
    /// @dev Emits {ContributionAttested} and {IIncentivePool-PointsRecorded}. Callable by anyone. An attestation that is recorded
    /// already adds nothing and succeeds.
    ///
    /// Reverts:
    /// - `GuardedPauseActive` while the module is paused.
    /// - {AttestationsRepeatedEvidence} if the evidence has been counted for another contribution of the kind.
    /// - {AttestationsUnknownKind} if the kind does not exist or is retired.
    /// - {AttestationsWrongSet} if the verifiers changed since it was signed.
    /// - {AttestationsTooEarly}, {AttestationsExpired} outside its time.
    /// - {AttestationsInvalidPeriod} if it is valid for longer than the kind allows.
    /// - {AttestationsCapExceeded} if the account would get more than the cap in this epoch.
    /// - {AttestationsWrongSignerCount} if there are not exactly as many signers as the threshold.
    /// - {AttestationsUnorderedSigner}, {AttestationsInvalidSigner}, {AttestationsInvalidSignature} if a signature does not
    /// count.
    /// - {AttestationsNoPool} if no pool divides the running epoch.
    /// - {IIncentivePool-IncentivePoolInvalidPoints} if account or units are zero, or the category has no share.
    /// - {IIncentivePool-IncentivePoolNotReleasing} if nothing can be released for the running epoch.
    /// - {IIncentivePool-IncentivePoolPointsOverflow} if the points of the epoch would not fit their record.
    /// @param attestation Attestation that was signed.
    /// @param signers Verifiers that signed, in ascending order.
    /// @param signatures Their ECDSA signatures (65 bytes) or ERC-1271 data over the EIP-712 hash.
    /// @return points Points recorded; zero if it was recorded before.
    function attest(
        Attestation calldata attestation,
        address[] calldata signers,
        bytes[] calldata signatures
    ) external returns (uint256 points);

    /// @notice Meter that names the pool of each epoch.
    function METER() external view returns (IMeter);

    /// @notice Largest number of verifiers of a kind.
    function MAX_VERIFIERS() external view returns (uint256);

    /// @notice Gas that an ERC-1271 verifier may use to check one signature.
    function WALLET_GAS() external view returns (uint256);

    /// @notice A kind.
    /// @param kind Its id.
    /// @return rules Its rules; without name if it does not exist.
    function kindOf(uint32 kind) external view returns (Kind memory rules);

    /// @notice Number of kinds that were defined.
    /// @return count Number, retired ones included.
    function kindCount() external view returns (uint32 count);

    /// @notice Contribution for which evidence was counted.
    /// @param kind Kind of the contribution.
    /// @param evidence Hash of the evidence.
    /// @return digest EIP-712 struct hash of the attestation; zero if the evidence was not counted for the kind.
    function countedFor(uint32 kind, bytes32 evidence) external view returns (bytes32 digest);

    /// @notice Points that an account can still get for a kind in the running epoch.
    /// @param kind Its id.
    /// @param account Account to look up.
    /// @return points Points.
    function pointsLeft(uint32 kind, address account) external view returns (uint256 points);

    /// @notice EIP-712 hash that verifiers sign, for this chain and this contract.
    /// @param attestation Attestation to hash.
    /// @return digest Hash to sign.
    function hashAttestation(Attestation calldata attestation) external view returns (bytes32 digest);
}
