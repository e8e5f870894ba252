// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IOrganisations} from "../interfaces/IOrganisations.sol";
import {OrganisationRecord, OrganisationWord} from "../libraries/OrganisationRecord.sol";
import {SpendingRecord, SpendingWord} from "../libraries/SpendingRecord.sol";
import {MeterBase} from "./MeterBase.sol";

/// @title MeterOrganisations
/// @notice See {IOrganisations}.
/// @dev Invariants: ACC-I2 to ACC-I5 (docs/invariants.md).
abstract contract MeterOrganisations is IOrganisations, MeterBase {
    using SafeCast for uint256;

    /// @inheritdoc IOrganisations
    uint256 public constant MAX_LIMIT = SpendingRecord.MAX_GWEI * GWEI;

    /// @inheritdoc IOrganisations
    uint256 public constant MAX_ADMINS = 16;

    /// @inheritdoc IOrganisations
    uint48 public immutable MAX_EXPIRY;

    constructor() {
        MAX_EXPIRY = GENESIS + type(uint32).max;
    }

    /// @inheritdoc IOrganisations
    function limitOrganisation(address account, Limits calldata limits) external {
        _requireAdmin(account);
        (uint256 left, uint256 epochLimit, uint256 expiry) = _requireLimits(limits);
        uint256 burnedGwei = _accounts[account].burnedGwei();

        OrganisationWord record = _organisationOf(account);
        emit OrganisationLimited(account, _limitsOf(record, burnedGwei), limits);
        // The burn of the epoch is subtracted when the account's record moves on.
        left = Math.min(left + burnedGwei - record.exempt(), SpendingRecord.MAX_GWEI);
        _storeOrganisation(account, record.withTerms(left, epochLimit, expiry, limits.categories));
    }

    /// @inheritdoc IOrganisations
    function openProject(address account, Limits calldata limits) external returns (uint32 project) {
        _requireAdmin(account);
        (uint256 left, uint256 epochLimit, uint256 expiry) = _requireLimits(limits);
        uint256 place = _nextPlace(account);

        project = ++_counts[account].projects;
        _places[account][project] = place;
        _projects[account][place] = SpendingWord
            .wrap(0)
            .withTerms(left, epochLimit, expiry, limits.categories)
            .withPlace(0, project);
        emit ProjectSet(account, project, Limits(0, 0, 0, 0), limits);
    }

    /// @inheritdoc IOrganisations
    function setProject(address account, uint32 project, Limits calldata limits) external {
        _requireAdmin(account);
        uint256 place = _requireProject(account, project);
        (uint256 left, uint256 epochLimit, uint256 expiry) = _requireLimits(limits);

        SpendingWord record = _projects[account][place];
        _projects[account][place] = record.withTerms(left, epochLimit, expiry, limits.categories);
        emit ProjectSet(account, project, _limitsOf(record), limits);
    }

    /// @inheritdoc IOrganisations
    function setKey(address account, address key, uint32 project, Role role, Limits calldata limits) external {
        require(key != address(0) && key != account, OrganisationsInvalidKey(key));
        require(
            role == Role.Spender || (role == Role.Manager && project != 0),
            OrganisationsInvalidRole(role, project)
        );
        uint256 place = project == 0 ? 0 : _requireProject(account, project);
        uint256 keyPlace = _keyPlaceOf(_organisations[account], key);
        SpendingWord record = _keys[account][keyPlace];
        bool isNew = !_isAlive(account, record);
        bool managed = role == Role.Spender && (isNew || _isSpenderOf(record, place));
        require(
            _isAdmin(account, msg.sender) || (managed && _isManagerOf(account, place)),
            OrganisationsNotManager(account, project, msg.sender)
        );
        (uint256 left, uint256 epochLimit, uint256 expiry) = _requireLimits(limits);

        _keys[account][keyPlace] = record.withTerms(left, epochLimit, expiry, limits.categories).withPlace(
            uint256(role),
            place
        );
        Limits memory previous;
        if (!isNew) previous = _limitsOf(record);
        emit KeySet(account, key, project, role, previous, limits);
    }

    /// @inheritdoc IOrganisations
    function revokeKey(address account, address key) external {
        uint256 keyPlace = _keyPlaceOf(_organisations[account], key);
        SpendingWord record = _keys[account][keyPlace];
        require(_isAlive(account, record), OrganisationsUnknownKey(account, key));
        uint256 place = record.place();
        require(
            msg.sender == key ||
                _isAdmin(account, msg.sender) ||
                (_isSpenderOf(record, place) && _isManagerOf(account, place)),
            OrganisationsNotManager(account, _projectAt(account, place), msg.sender)
        );

        // The burn stays in the record and counts if the key is set again in this epoch.
        _keys[account][keyPlace] = record.withTerms(0, 0, 0, 0).withPlace(0, 0);
        emit KeyRevoked(account, key);
    }

    /// @inheritdoc IOrganisations
    function revokeProjectKeys(address account, uint32 project) external {
        _requireAdmin(account);
        uint256 place = _requireProject(account, project);
        uint256 nextPlace = _nextPlace(account);

        // Keys refer to the place of their project, so they lose it when the project moves to another place.
        _projects[account][nextPlace] = _projects[account][place];
        _projects[account][place] = SpendingWord.wrap(0);
        _places[account][project] = nextPlace;
        emit ProjectKeysRevoked(account, project);
    }

    /// @inheritdoc IOrganisations
    function revokeAllKeys(address account) external {
        _requireAdmin(account);

        OrganisationWord record = _organisationOf(account).withNextGeneration();
        _storeOrganisation(account, record);
        emit AllKeysRevoked(account, record.generation().toUint32());
    }

    /// @inheritdoc IOrganisations
    function nominateAdmin(address account, address nominee) external {
        _requireAdmin(account);
        address previous = _nominees[account];
        require(
            nominee != previous && nominee != address(this) && !_isAdmin(account, nominee),
            OrganisationsInvalidNominee(account, nominee)
        );

        _nominate(account, previous, nominee);
    }

    /// @inheritdoc IOrganisations
    function acceptAdmin(address account) external {
        require(msg.sender == _nominees[account], OrganisationsNotNominee(account, msg.sender));
        OrganisationWord record = _organisationOf(account);
        uint256 count = record.admins();
        require(count < MAX_ADMINS, OrganisationsTooManyAdmins(account, MAX_ADMINS));

        delete _nominees[account];
        bool ownerLeft = record.ownerLeft();
        if (msg.sender == account) ownerLeft = false;
        else _admins[account][msg.sender] = true;
        _storeOrganisation(account, record.withAdmins(count + 1, ownerLeft));
        emit AdminAdded(account, msg.sender);
    }

    /// @inheritdoc IOrganisations
    function removeAdmin(address account, address admin) external {
        _requireAdmin(account);
        require(_isAdmin(account, admin), OrganisationsNotAdmin(account, admin));
        OrganisationWord record = _organisationOf(account);
        uint256 count = record.admins();
        require(count > 1, OrganisationsLastAdmin(account, admin));

        bool ownerLeft = record.ownerLeft();
        if (admin == account) ownerLeft = true;
        else delete _admins[account][admin];
        _storeOrganisation(account, record.withAdmins(count - 1, ownerLeft));
        emit AdminRemoved(account, admin);
        // Otherwise a nominee of the removed admin could still join.
        address nominee = _nominees[account];
        if (nominee != address(0)) _nominate(account, nominee, address(0));
    }

    /// @inheritdoc IOrganisations
    function organisationOf(address account) external view returns (Organisation memory organisation) {
        OrganisationWord record = _organisationOf(account);
        return
            Organisation({
                admins: record.admins(),
                projects: _counts[account].projects,
                generation: record.generation().toUint32(),
                nominee: _nominees[account],
                limits: _limitsOf(record, _accounts[account].burnedGwei())
            });
    }

    /// @inheritdoc IOrganisations
    function projectOf(address account, uint32 project) external view returns (Project memory found) {
        SpendingWord record = _projects[account][_requireProject(account, project)];
        return Project(record.movedTo(currentEpoch()).spentGwei() * GWEI, _limitsOf(record));
    }

    /// @inheritdoc IOrganisations
    function keyOf(address account, address key) external view returns (Key memory found) {
        SpendingWord record = _keys[account][_keyPlaceOf(_organisations[account], key)];
        if (!_isAlive(account, record)) return found;

        return
            Key({
                role: Role(record.role()),
                project: _projectAt(account, record.place()),
                spent: record.movedTo(currentEpoch()).spentGwei() * GWEI,
                limits: _limitsOf(record)
            });
    }

    /// @inheritdoc IOrganisations
    function isAdmin(address account, address candidate) external view returns (bool admin) {
        return _isAdmin(account, candidate);
    }

    /// @inheritdoc IOrganisations
    function tierOf(address account) external view returns (uint8 tier) {
        return uint8(_tierOf(account));
    }

    /// @dev Stores an organisation; settlement reads it from now on.
    function _storeOrganisation(address account, OrganisationWord record) private {
        _organisations[account] = record;
        _accounts[account] = _accounts[account].withOrganisation();
    }

    /// @dev Sets the only nominee.
    function _nominate(address account, address previous, address nominee) private {
        _nominees[account] = nominee;
        emit AdminNominated(account, previous, nominee);
    }

    /// @dev An unused place for a project.
    function _nextPlace(address account) private returns (uint256 place) {
        place = uint256(_counts[account].places) + 1;
        require(place <= SpendingRecord.MAX_PLACE, OrganisationsTooManyProjects(account, SpendingRecord.MAX_PLACE));
        _counts[account].places = place.toUint32();
    }

    /// @dev The organisation of an account, or the default.
    function _organisationOf(address account) private view returns (OrganisationWord record) {
        record = _organisations[account];
        return record.exists() ? record : OrganisationRecord.newOrganisation();
    }

    /// @dev Place of a project; reverts if it does not exist.
    function _requireProject(address account, uint32 project) private view returns (uint256 place) {
        place = _places[account][project];
        require(place != 0, OrganisationsUnknownProject(account, project));
    }

    /// @dev Whether a key has rights: it was set, and is not revoked alone or with its project.
    function _isAlive(address account, SpendingWord key) private view returns (bool) {
        return key.exists() && (key.place() == 0 || _projects[account][key.place()].exists());
    }

    /// @dev Number of the project at a place, 0 for none.
    function _projectAt(address account, uint256 place) private view returns (uint32 project) {
        return _projects[account][place].place().toUint32();
    }

    /// @dev Whether the caller manages the project at a place.
    function _isManagerOf(address account, uint256 place) private view returns (bool) {
        if (place == 0) return false;
        SpendingWord key = _keys[account][_keyPlaceOf(_organisations[account], msg.sender)];
        bool manages = key.place() == place && key.role() == uint256(Role.Manager);
        return manages && block.timestamp - GENESIS <= key.expiry();
    }

    /// @dev Limits in stored form; reverts if out of range.
    function _requireLimits(
        Limits calldata limits
    ) private view returns (uint256 left, uint256 epochLimit, uint256 expiry) {
        uint48 expiresAt = limits.expiresAt;
        uint32 categories = limits.categories;
        uint256 latest = GENESIS + type(uint32).max;
        (left, epochLimit) = (_requireLimit(limits.totalLimit), _requireLimit(limits.epochLimit));
        require(
            expiresAt > block.timestamp && expiresAt <= latest,
            OrganisationsInvalidExpiry(expiresAt, block.timestamp + 1, latest)
        );
        require(
            categories != 0 && categories & ~ALL_CATEGORIES == 0,
            OrganisationsInvalidCategories(categories, ALL_CATEGORIES)
        );
        return (left, epochLimit, expiresAt - GENESIS);
    }

    /// @dev Limits of an organisation as returned by reads.
    function _limitsOf(OrganisationWord record, uint256 burnedGwei) private view returns (Limits memory limits) {
        uint256 left = record.leftAfter(burnedGwei);
        return _readLimits(left, record.epochLimitGwei(), GENESIS + record.expiry(), record.categories());
    }

    /// @dev Limits of a key or a project as returned by reads.
    function _limitsOf(SpendingWord record) private view returns (Limits memory limits) {
        uint256 expiresAt = GENESIS + record.expiry();
        return _readLimits(record.leftGwei(), record.epochLimitGwei(), expiresAt, record.categories());
    }

    /// @dev Limits from their stored form.
    function _readLimits(
        uint256 left,
        uint256 epochLimit,
        uint256 expiresAt,
        uint256 categories
    ) private pure returns (Limits memory limits) {
        return Limits(epochLimit * GWEI, left * GWEI, expiresAt.toUint48(), categories.toUint32());
    }

    /// @dev Whether a key is a spender of the project at a place.
    function _isSpenderOf(SpendingWord key, uint256 place) private pure returns (bool) {
        return key.role() == uint256(Role.Spender) && key.place() == place;
    }

    /// @dev Gwei of a limit in range.
    function _requireLimit(uint256 limit) private pure returns (uint256 limitGwei) {
        require(limit != 0 && limit <= MAX_LIMIT && limit % GWEI == 0, OrganisationsInvalidLimit(limit, MAX_LIMIT));
        return limit / GWEI;
    }
}
