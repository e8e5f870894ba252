// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IIncentivePool} from "./IIncentivePool.sol";
import {Contribution} from "./types/Contribution.sol";

/// @title IAttestations
/// @notice Contributions other than provision, by predefined rules: a kind says what a unit is worth, how much one account
/// can get in an epoch, and how many of which verifiers have to sign.
/// @dev A kind is data, so a new one needs no code. What a unit is worth never changes; for another value there is another
/// kind. A pause stops {attest}.
interface IAttestations {
    /// @notice Rules of a new kind.
    /// @param name What it is called, at most 31 bytes.
    /// @param category What it counts for; never `Provision`.
    /// @param pointsPerUnit Points that one unit is worth.
    /// @param epochCap Most points that one account gets for this kind in an epoch.
    /// @param threshold Number of verifiers that have to sign.
    /// @param verifiers Who may sign.
    struct KindParams {
        string name;
        Contribution.Category category;
        uint32 pointsPerUnit;
        uint48 epochCap;
        uint8 threshold;
        address[] verifiers;
    }

    /// @notice A kind as it can be read back.
    /// @param name What it is called; empty if it does not exist.
    /// @param category What it counts for.
    /// @param pointsPerUnit Points that one unit is worth.
    /// @param epochCap Most points that one account gets for this kind in an epoch.
    /// @param threshold Number of verifiers that have to sign.
    /// @param retired Whether nothing can be attested any more.
    /// @param verifiers Who may sign.
    struct Kind {
        string name;
        Contribution.Category category;
        uint32 pointsPerUnit;
        uint48 epochCap;
        uint8 threshold;
        bool retired;
        address[] verifiers;
    }

    /// @notice What verifiers sign (EIP-712).
    /// @param kind Kind of the contribution.
    /// @param account Who contributed.
    /// @param units How much.
    /// @param evidence Hash of the evidence, counted once whatever it is evidence of.
    /// @param deadline Last second at which it can be recorded.
    struct Attestation {
        uint32 kind;
        address account;
        uint64 units;
        bytes32 evidence;
        uint48 deadline;
    }

    /// @notice Emitted when a kind is defined.
    /// @param kind Its id.
    /// @param name What it is called.
    /// @param category What it counts for.
    /// @param pointsPerUnit Points that one unit is worth.
    /// @param epochCap Most points that one account gets in an epoch.
    event KindDefined(
        uint32 indexed kind,
        string name,
        Contribution.Category indexed category,
        uint32 pointsPerUnit,
        uint48 epochCap
    );

    /// @notice Emitted when a kind gets its verifiers.
    /// @param kind Its id.
    /// @param verifiers Who may sign from now on.
    /// @param threshold Number of them that have to sign.
    event VerifiersChanged(uint32 indexed kind, address[] verifiers, uint8 threshold);

    /// @notice Emitted when a kind is retired.
    /// @param kind Its id.
    event KindRetired(uint32 indexed kind);

    /// @notice Emitted when a contribution is recorded.
    /// @param kind Its kind.
    /// @param account Who contributed.
    /// @param evidence Hash of the evidence.
    /// @param units How much.
    /// @param points What it is worth.
    event ContributionAttested(
        uint32 indexed kind,
        address indexed account,
        bytes32 indexed evidence,
        uint64 units,
        uint256 points
    );

    /// @notice A module address is zero.
    error AttestationsZeroAddress();

    /// @notice The rules of a kind are not complete: no name, `Provision`, no points, or a cap that one unit exceeds.
    /// @param name Its name.
    error AttestationsInvalidKind(string name);

    /// @notice The verifiers are too many, or named twice, or zero.
    /// @param verifier First verifier that is wrong, or zero.
    error AttestationsInvalidVerifier(address verifier);

    /// @notice The threshold is zero or more than there are verifiers.
    /// @param threshold Number of signatures asked for.
    /// @param verifiers Number of verifiers.
    error AttestationsInvalidThreshold(uint256 threshold, uint256 verifiers);

    /// @notice The kind does not exist or is retired.
    /// @param kind Its id.
    error AttestationsUnknownKind(uint32 kind);

    /// @notice The attestation is over.
    /// @param deadline Last second at which it could be recorded.
    error AttestationsExpired(uint48 deadline);

    /// @notice The evidence has been counted.
    /// @param evidence Its hash.
    error AttestationsRepeatedEvidence(bytes32 evidence);

    /// @notice The account would have more points for this kind in the running epoch than the cap allows. Nothing is counted; it
    /// can be recorded in a later epoch.
    /// @param account Who contributed.
    /// @param points What it is worth.
    /// @param left Points that the cap leaves.
    error AttestationsCapExceeded(address account, uint256 points, uint256 left);

    /// @notice The number of signers is not the threshold, or differs from the number of signatures.
    /// @param signers Number of signers.
    /// @param signatures Number of signatures.
    /// @param threshold Number asked for.
    error AttestationsWrongSignerCount(uint256 signers, uint256 signatures, uint256 threshold);

    /// @notice A signer is no verifier of the kind, or is the account itself.
    /// @param signer Who it is.
    error AttestationsInvalidSigner(address signer);

    /// @notice The signers are not in strictly ascending order, so one may be named twice.
    /// @param signer First one that is out of order.
    error AttestationsUnorderedSigner(address signer);

    /// @notice A signature is not by its signer over this attestation.
    /// @param signer Who should have signed.
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

    /// @notice Replaces the verifiers of a kind.
    /// @dev Emits {VerifiersChanged}. What the former ones signed and was not recorded is void unless they stay.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the GOVERNANCE role.
    /// - {AttestationsUnknownKind} if the kind does not exist or is retired.
    /// - {AttestationsInvalidVerifier} if there are over {MAX_VERIFIERS}, or one is zero or named twice.
    /// - {AttestationsInvalidThreshold} if the threshold is zero or over their number.
    /// @param kind Its id.
    /// @param verifiers Who may sign.
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
    /// @dev Emits {ContributionAttested} and {IIncentivePool-PointsRecorded}. Callable by anyone.
    ///
    /// Reverts:
    /// - {AttestationsUnknownKind} if the kind does not exist or is retired.
    /// - {AttestationsExpired} if its deadline has passed.
    /// - {AttestationsRepeatedEvidence} if the evidence has been counted.
    /// - {AttestationsCapExceeded} if the account would get more than the cap in this epoch.
    /// - {AttestationsWrongSignerCount} if there are not exactly as many signers as the threshold.
    /// - {AttestationsUnorderedSigner}, {AttestationsInvalidSigner}, {AttestationsInvalidSignature} if a signature does not
    /// count.
    /// - {IIncentivePool-IncentivePoolInvalidPoints} if account or units are zero.
    /// - {IIncentivePool-IncentivePoolPointsOverflow} if the points of the epoch would not fit their record.
    /// @param attestation What was signed.
    /// @param signers Verifiers that signed, in ascending order.
    /// @param signatures Their ECDSA signatures (65 bytes) or ERC-1271 data over the EIP-712 hash.
    /// @return points What it is worth.
    function attest(
        Attestation calldata attestation,
        address[] calldata signers,
        bytes[] calldata signatures
    ) external returns (uint256 points);

    /// @notice Where points are recorded.
    function POOL() external view returns (IIncentivePool);

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

    /// @notice Whether evidence has been counted.
    /// @param evidence Its hash.
    /// @return counted Whether it has.
    function isCounted(bytes32 evidence) external view returns (bool counted);

    /// @notice Points that an account can still get for a kind in the running epoch.
    /// @param kind Its id.
    /// @param account Account to look up.
    /// @return points Points.
    function pointsLeft(uint32 kind, address account) external view returns (uint256 points);

    /// @notice EIP-712 hash that verifiers sign, for this chain and this contract.
    /// @param attestation Attestation to hash.
    /// @return digest What is signed.
    function hashAttestation(Attestation calldata attestation) external view returns (bytes32 digest);
}
