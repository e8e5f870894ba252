// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {IAttestations} from "../interfaces/IAttestations.sol";
import {IIncentivePool} from "../interfaces/IIncentivePool.sol";
import {IMeter} from "../interfaces/IMeter.sol";
import {Contribution} from "../interfaces/types/Contribution.sol";
import {AttestationHash} from "../libraries/AttestationHash.sol";
import {SignerCheck} from "../libraries/SignerCheck.sol";
import {GuardedPause} from "../safety/GuardedPause.sol";

/// @title Attestations
/// @notice See {IAttestations}.
/// @dev Invariants: INC-I12 (docs/invariants.md). Trusts: METER to name the pool of an epoch, that pool, and for each
/// kind fewer dishonest verifiers than the threshold. Calls no untrusted code except a static call to an ERC-1271
/// verifier.
contract Attestations is IAttestations, GuardedPause, EIP712, IERC165 {
    using AttestationHash for Attestation;
    using EnumerableSet for EnumerableSet.AddressSet;
    using ShortStrings for *;
    using SignerCheck for address;

    /// @dev Rules of a kind in one word, and its name.
    struct Rules {
        Contribution.Category category;
        bool retired;
        uint8 threshold;
        uint56 pointsPerUnit;
        uint56 epochCap;
        uint32 longest;
        uint32 set;
        ShortString name;
    }

    /// @dev Points of an account for a kind in `epoch`.
    struct Tally {
        uint32 epoch;
        uint56 points;
    }

    /// @inheritdoc IAttestations
    uint256 public constant MAX_VERIFIERS = 32;

    /// @inheritdoc IAttestations
    uint256 public constant WALLET_GAS = 300_000;

    /// @inheritdoc IAttestations
    IMeter public immutable METER;

    uint32 private _kindCount;
    mapping(uint32 kind => Rules rules) private _rules;
    mapping(uint32 kind => EnumerableSet.AddressSet verifiers) private _verifiers;
    mapping(uint32 kind => mapping(address account => Tally tally)) private _tallies;
    mapping(uint32 kind => mapping(bytes32 evidence => bytes32 digest)) private _counted;

    /// @param meter Meter of the suite.
    /// @param initialAuthority AccessManager of the suite.
    constructor(
        IMeter meter,
        address initialAuthority
    ) AccessManaged(initialAuthority) EIP712("OPA Attestations", "1") {
        require(address(meter) != address(0), AttestationsZeroAddress());
        METER = meter;
    }

    /// @inheritdoc IAttestations
    function defineKind(KindParams calldata params) external restricted returns (uint32 kind) {
        require(
            bytes(params.name).length != 0 &&
                params.category != Contribution.Category.Provision &&
                params.pointsPerUnit != 0 &&
                params.epochCap >= params.pointsPerUnit &&
                params.longest != 0,
            AttestationsInvalidKind(params.name)
        );

        kind = ++_kindCount;
        Rules storage rules = _rules[kind];
        rules.category = params.category;
        rules.pointsPerUnit = params.pointsPerUnit;
        rules.epochCap = params.epochCap;
        rules.longest = params.longest;
        rules.name = params.name.toShortString();
        emit KindDefined(kind, params.name, params.category, params.pointsPerUnit, params.epochCap, params.longest);
        _setVerifiers(kind, params.verifiers, params.threshold);
    }

    /// @inheritdoc IAttestations
    function setVerifiers(uint32 kind, address[] calldata verifiers, uint8 threshold) external restricted {
        _requireOpen(kind);

        _setVerifiers(kind, verifiers, threshold);
    }

    /// @inheritdoc IAttestations
    function retireKind(uint32 kind) external restricted {
        _requireOpen(kind);

        _rules[kind].retired = true;
        emit KindRetired(kind);
    }

    /// @inheritdoc IAttestations
    function attest(
        Attestation calldata attestation,
        address[] calldata signers,
        bytes[] calldata signatures
    ) external whenNotPaused returns (uint256 points) {
        bytes32 digest = attestation.hash();
        if (_isCounted(attestation, digest)) return 0;
        Rules storage rules = _requireOpen(attestation.kind);
        _requireCurrent(attestation, rules.set, rules.longest);
        points = uint256(attestation.units) * rules.pointsPerUnit;
        uint256 left = pointsLeft(attestation.kind, attestation.account);
        require(points <= left, AttestationsCapExceeded(attestation.account, points, left));
        _requireSigned(attestation, _hashTypedDataV4(digest), signers, signatures, rules.threshold);

        _counted[attestation.kind][attestation.evidence] = digest;
        _record(attestation, rules, points, rules.epochCap - (left - points));
    }

    /// @inheritdoc IAttestations
    function kindOf(uint32 kind) external view returns (Kind memory rules) {
        Rules memory stored = _rules[kind];
        return
            Kind({
                name: stored.name.toString(),
                category: stored.category,
                pointsPerUnit: stored.pointsPerUnit,
                epochCap: stored.epochCap,
                longest: stored.longest,
                threshold: stored.threshold,
                retired: stored.retired,
                set: stored.set,
                verifiers: _verifiers[kind].values()
            });
    }

    /// @inheritdoc IAttestations
    function kindCount() external view returns (uint32 count) {
        return _kindCount;
    }

    /// @inheritdoc IAttestations
    function countedFor(uint32 kind, bytes32 evidence) external view returns (bytes32 digest) {
        return _counted[kind][evidence];
    }

    /// @inheritdoc IAttestations
    function hashAttestation(Attestation calldata attestation) external view returns (bytes32 digest) {
        return _hashTypedDataV4(attestation.hash());
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool supported) {
        return interfaceId == type(IAttestations).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// @inheritdoc IAttestations
    function pointsLeft(uint32 kind, address account) public view returns (uint256 points) {
        Tally memory tally = _tallies[kind][account];
        points = _rules[kind].epochCap;
        if (tally.epoch == METER.currentEpoch()) points -= tally.points;
    }

    /// @dev Records the points of a contribution in the pool of the running epoch.
    function _record(Attestation calldata attestation, Rules storage rules, uint256 points, uint256 counted) private {
        uint32 epoch = METER.currentEpoch();
        address pool = METER.bookOf(epoch);
        require(pool != address(0), AttestationsNoPool(epoch));

        (uint32 kind, address account) = (attestation.kind, attestation.account);
        _tallies[kind][account] = Tally(epoch, uint56(counted));
        emit ContributionAttested(kind, account, attestation.evidence, attestation.units, points);

        IIncentivePool(pool).recordPoints(account, rules.category, points);
    }

    /// @dev Replaces the verifiers of a kind.
    function _setVerifiers(uint32 kind, address[] calldata verifiers, uint8 threshold) private {
        uint256 count = verifiers.length;
        require(count <= MAX_VERIFIERS, AttestationsInvalidVerifier(address(0)));
        require(threshold != 0 && threshold <= count, AttestationsInvalidThreshold(threshold, count));

        EnumerableSet.AddressSet storage set = _verifiers[kind];
        set.clear();
        for (uint256 i = 0; i < count; ++i) {
            bool added = verifiers[i] != address(0) && set.add(verifiers[i]);
            require(added, AttestationsInvalidVerifier(verifiers[i]));
        }
        _rules[kind].threshold = threshold;
        emit VerifiersChanged(kind, ++_rules[kind].set, verifiers, threshold);
    }

    /// @dev Requires exactly `threshold` signatures of different verifiers, none of them the contributor.
    function _requireSigned(
        Attestation calldata attestation,
        bytes32 digest,
        address[] calldata signers,
        bytes[] calldata signatures,
        uint256 threshold
    ) private view {
        require(
            signers.length == threshold && signatures.length == threshold,
            AttestationsWrongSignerCount(signers.length, signatures.length, threshold)
        );
        EnumerableSet.AddressSet storage verifiers = _verifiers[attestation.kind];
        address previous = address(0);
        for (uint256 i = 0; i < threshold; ++i) {
            address signer = signers[i];
            require(signer > previous, AttestationsUnorderedSigner(signer));
            require(verifiers.contains(signer) && signer != attestation.account, AttestationsInvalidSigner(signer));
            require(signer.isSigned(digest, signatures[i], WALLET_GAS), AttestationsInvalidSignature(signer));
            previous = signer;
        }
    }

    /// @dev Rules of a kind that exists and is not retired.
    function _requireOpen(uint32 kind) private view returns (Rules storage rules) {
        rules = _rules[kind];
        require(rules.threshold != 0 && !rules.retired, AttestationsUnknownKind(kind));
    }

    /// @dev Whether the same attestation was counted before. Reverts if another one used the same evidence.
    function _isCounted(Attestation calldata attestation, bytes32 digest) private view returns (bool counted) {
        bytes32 previous = _counted[attestation.kind][attestation.evidence];
        counted = previous == digest;
        require(counted || previous == 0, AttestationsRepeatedEvidence(attestation.kind, attestation.evidence));
    }

    /// @dev Reverts if the attestation is of another set of verifiers, outside its time, or valid for too long.
    function _requireCurrent(Attestation calldata attestation, uint32 set, uint32 longest) private view {
        (uint48 notBefore, uint48 deadline) = (attestation.notBefore, attestation.deadline);
        require(attestation.set == set, AttestationsWrongSet(attestation.set, set));
        require(block.timestamp >= notBefore, AttestationsTooEarly(notBefore));
        require(block.timestamp <= deadline, AttestationsExpired(deadline));
        require(deadline - notBefore <= longest, AttestationsInvalidPeriod(notBefore, deadline, longest));
    }
}
