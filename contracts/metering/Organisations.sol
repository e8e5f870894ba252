// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {AccessTiers} from "../access/AccessTiers.sol";
import {IOrganisations} from "../interfaces/IOrganisations.sol";
import {IServiceAccounts} from "../interfaces/IServiceAccounts.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {OrganisationWord, SpendingRecord, SpendingWord} from "../libraries/SpendingRecord.sol";

/// @title Organisations
/// @notice See {IOrganisations}.
/// @dev Invariants: ACC-I2 to ACC-I5 (docs/invariants.md). Trusts: the contract that inherits
/// this to count every charge by {_spend}.
abstract contract Organisations is IOrganisations, AccessTiers {
    using SafeCast for uint256;

    /// @dev How many projects an account has opened, and how many places it has used for them.
    struct Counts {
        uint32 projects;
        uint32 places;
    }

    /// @inheritdoc IOrganisations
    uint256 public constant MAX_LIMIT = SpendingRecord.MAX_GWEI * 1 gwei;

    /// @inheritdoc IOrganisations
    uint256 public constant MAX_ADMINS = 16;

    uint32 private constant ALL_CATEGORIES = uint32((1 << (uint256(type(Metering.Category).max) + 1)) - 1);
    uint256 private constant GWEI = 1 gwei;
    uint256 private constant KEY_LIMIT = uint256(Metering.Reason.KeyLimitExceeded);
    uint256 private constant KEY_TOTAL = uint256(Metering.Reason.KeyTotalExceeded);
    uint256 private constant PROJECT_LIMIT = uint256(Metering.Reason.ProjectLimitExceeded);
    uint256 private constant PROJECT_TOTAL = uint256(Metering.Reason.ProjectTotalExceeded);
    uint256 private constant ORGANISATION_LIMIT = uint256(Metering.Reason.OrganisationLimitExceeded);
    uint256 private constant ORGANISATION_TOTAL = uint256(Metering.Reason.OrganisationTotalExceeded);

    /// @inheritdoc IOrganisations
    uint48 public immutable MAX_EXPIRY;

    mapping(address account => OrganisationWord word) private _organisations;
    mapping(address account => mapping(uint256 keyPlace => SpendingWord word)) private _keys;
    mapping(address account => Counts counts) private _counts;
    mapping(address account => mapping(uint256 project => uint256 place)) private _places;
    mapping(address account => mapping(uint256 place => SpendingWord word)) private _projects;
    mapping(address account => mapping(address admin => bool joined)) private _admins;
    mapping(address account => address nominee) private _nominees;

    modifier onlyAdmin(address account) {
        _requireAdmin(account);
        _;
    }

    constructor() {
        MAX_EXPIRY = GENESIS + type(uint32).max;
    }

    /// @inheritdoc IOrganisations
    function limitOrganisation(address account, Limits calldata limits) external onlyAdmin(account) {
        (uint256 left, uint256 epochLimit, uint256 expiry) = _requireLimits(limits);

        OrganisationWord organisation = _open(account);
        emit OrganisationLimited(account, _limitsOf(organisation), limits);
        _organisations[account] = organisation.withTerms(left, epochLimit, expiry, limits.categories);
    }

    /// @inheritdoc IOrganisations
    function openProject(address account, Limits calldata limits) external onlyAdmin(account) returns (uint32 project) {
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
    function setProject(address account, uint32 project, Limits calldata limits) external onlyAdmin(account) {
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
        uint256 keyPlace = _keyPlace(_organisations[account], key);
        SpendingWord record = _keys[account][keyPlace];
        bool isNew = !_isAlive(account, record);
        bool managed = role == Role.Spender && (isNew || _isSpenderOf(record, place));
        require(
            isAdmin(account, msg.sender) || (managed && _isManagerOf(account, place)),
            OrganisationsNotManager(account, project, msg.sender)
        );
        (uint256 left, uint256 epochLimit, uint256 expiry) = _requireLimits(limits);

        _keys[account][keyPlace] = record.withTerms(left, epochLimit, expiry, limits.categories).withPlace(
            uint256(role),
            place
        );
        emit KeySet(account, key, project, role, isNew ? Limits(0, 0, 0, 0) : _limitsOf(record), limits);
    }

    /// @inheritdoc IOrganisations
    function revokeKey(address account, address key) external {
        uint256 keyPlace = _keyPlace(_organisations[account], key);
        SpendingWord record = _keys[account][keyPlace];
        require(_isAlive(account, record), OrganisationsUnknownKey(account, key));
        uint256 place = record.place();
        require(
            msg.sender == key ||
                isAdmin(account, msg.sender) ||
                (_isSpenderOf(record, place) && _isManagerOf(account, place)),
            OrganisationsNotManager(account, _projectAt(account, place), msg.sender)
        );

        // What it spent stays in the record, and counts if it is set again in this epoch.
        _keys[account][keyPlace] = record.withTerms(0, 0, 0, 0).withPlace(0, 0);
        emit KeyRevoked(account, key);
    }

    /// @inheritdoc IOrganisations
    function revokeProjectKeys(address account, uint32 project) external onlyAdmin(account) {
        uint256 place = _requireProject(account, project);
        uint256 nextPlace = _nextPlace(account);

        // Keys name the place of their project, so they lose it when the project moves on.
        _projects[account][nextPlace] = _projects[account][place];
        _projects[account][place] = SpendingWord.wrap(0);
        _places[account][project] = nextPlace;
        emit ProjectKeysRevoked(account, project);
    }

    /// @inheritdoc IOrganisations
    function revokeAllKeys(address account) external onlyAdmin(account) {
        OrganisationWord organisation = _open(account).withNextGeneration();
        _organisations[account] = organisation;
        emit AllKeysRevoked(account, organisation.generation().toUint32());
    }

    /// @inheritdoc IOrganisations
    function nominateAdmin(address account, address nominee) external onlyAdmin(account) {
        address previous = _nominees[account];
        require(
            nominee != previous && nominee != address(this) && !isAdmin(account, nominee),
            OrganisationsInvalidNominee(account, nominee)
        );

        _nominate(account, previous, nominee);
    }

    /// @inheritdoc IOrganisations
    function acceptAdmin(address account) external {
        require(msg.sender == _nominees[account], OrganisationsNotNominee(account, msg.sender));
        OrganisationWord organisation = _open(account);
        uint256 count = organisation.admins();
        require(count < MAX_ADMINS, OrganisationsTooManyAdmins(account, MAX_ADMINS));

        delete _nominees[account];
        bool ownerLeft = organisation.ownerLeft();
        if (msg.sender == account) ownerLeft = false;
        else _admins[account][msg.sender] = true;
        _organisations[account] = organisation.withAdmins(count + 1, ownerLeft);
        emit AdminAdded(account, msg.sender);
    }

    /// @inheritdoc IOrganisations
    function removeAdmin(address account, address admin) external onlyAdmin(account) {
        require(isAdmin(account, admin), OrganisationsNotAdmin(account, admin));
        OrganisationWord organisation = _open(account);
        uint256 count = organisation.admins();
        require(count > 1, OrganisationsLastAdmin(account, admin));

        bool ownerLeft = organisation.ownerLeft();
        if (admin == account) ownerLeft = true;
        else delete _admins[account][admin];
        _organisations[account] = organisation.withAdmins(count - 1, ownerLeft);
        emit AdminRemoved(account, admin);
        // Whom the removed admin may have nominated must not come in its place.
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
                limits: _limitsOf(record)
            });
    }

    /// @inheritdoc IOrganisations
    function projectOf(address account, uint32 project) external view returns (Project memory found) {
        SpendingWord record = _projects[account][_requireProject(account, project)];
        return Project(record.movedTo(currentEpoch()).spentGwei() * GWEI, _limitsOf(record));
    }

    /// @inheritdoc IOrganisations
    function keyOf(address account, address key) external view returns (Key memory found) {
        SpendingWord record = _keys[account][_keyPlace(_organisations[account], key)];
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
    function isAdmin(address account, address candidate) public view returns (bool admin) {
        return candidate == account ? !_organisations[account].ownerLeft() : _admins[account][candidate];
    }

    /// @inheritdoc IOrganisations
    function tierOf(address account) public view returns (uint8 tier) {
        return Math.max(_organisations[account].tierIn(currentEpoch()), _policyTierOf(account)).toUint8();
    }

    /// @dev Counts a charge for the signer, its project and the organisation, if it is within all their limits. Settlement
    /// has asked {_mandateOf} before; this does not rely on it.
    function _spend(
        address account,
        address signer,
        bool organised,
        uint256 burnedGwei,
        uint256 chargedGwei,
        uint256 epoch
    ) internal {
        uint256 elapsed = block.timestamp - GENESIS;
        OrganisationWord organisation;
        if (organised) organisation = _organisations[account];
        bool within =
            signer == account
                ? !organisation.ownerLeft()
                : _spendByKey(account, _keyPlace(organisation, signer), chargedGwei, epoch, elapsed);
        if (within && organised) {
            within = organisation.allows(chargedGwei, burnedGwei, elapsed);
            if (within && organisation.leftGwei() != SpendingRecord.MAX_GWEI) {
                _organisations[account] = organisation.withSpent(chargedGwei);
            }
        }
        if (!within) revert IServiceAccounts.OrganisationsOverLimit(account, signer, chargedGwei * GWEI);
    }

    /// @dev See {IServiceAccounts-noteTier}.
    function _noteTier(address account) internal returns (uint8 tier) {
        uint32 epoch = currentEpoch();
        tier = tierOf(account);
        if (tier <= _organisations[account].tierIn(epoch)) return tier;

        _organisations[account] = _open(account).withTier(tier, epoch);
        emit TierNoted(account, tier, epoch);
    }

    /// @dev Notes that an account has an organisation to be read.
    function _markOrganised(address account) internal virtual;

    /// @dev What a signer may burn for an account in `epoch`, the running one, in which the account has burned `burnedGwei`:
    /// why nothing at all, or how much (see {SpendingRecord.toLimit}), for which categories, and the tier noted for the epoch.
    function _mandateOf(
        address account,
        address signer,
        bool organised,
        uint256 burnedGwei,
        uint256 epoch
    ) internal view returns (Metering.Reason reason, uint256 limit, uint256 categories, uint256 tier) {
        uint256 elapsed = block.timestamp - GENESIS;
        OrganisationWord organisation;
        (limit, categories) = (
            SpendingRecord.toLimit(SpendingRecord.MAX_GWEI, uint256(Metering.Reason.InsufficientCredit)),
            ALL_CATEGORIES
        );
        if (organised) organisation = _organisations[account];
        if (signer != account) {
            SpendingWord key = _keys[account][_keyPlace(organisation, signer)];
            uint256 place = key.place();
            reason = _keyReason(key, elapsed);
            limit = Math.min(limit, key.limitIn(epoch, KEY_LIMIT, KEY_TOTAL));
            categories = key.categories();
            if (place != 0) {
                SpendingWord project = _projects[account][place];
                reason = _projectReason(project, reason, elapsed);
                limit = Math.min(limit, project.limitIn(epoch, PROJECT_LIMIT, PROJECT_TOTAL));
                categories &= project.categories();
            }
        } else if (organisation.ownerLeft()) reason = Metering.Reason.KeyUnknown;
        if (organised) {
            if (reason == Metering.Reason.None && elapsed > organisation.expiry()) {
                reason = Metering.Reason.OrganisationExpired;
            }
            limit = Math.min(limit, organisation.limitAfter(burnedGwei, ORGANISATION_LIMIT, ORGANISATION_TOTAL));
            categories &= organisation.categories();
            tier = organisation.tierIn(epoch);
        }
    }

    /// @dev The organisation of an account, made if it is not there yet.
    function _open(address account) private returns (OrganisationWord organisation) {
        organisation = _organisationOf(account);
        if (!_organisations[account].exists()) _markOrganised(account);
    }

    /// @dev Counts a charge for a key and its project; what was written before a refusal is undone by who asked.
    function _spendByKey(
        address account,
        uint256 keyPlace,
        uint256 chargedGwei,
        uint256 epoch,
        uint256 elapsed
    ) private returns (bool within) {
        SpendingWord key = _keys[account][keyPlace].movedTo(epoch);
        uint256 place = key.place();
        within = key.role() == uint256(Role.Spender) && key.allows(chargedGwei, elapsed);
        if (within) _keys[account][keyPlace] = key.withSpent(chargedGwei);
        if (within && place != 0) {
            SpendingWord project = _projects[account][place].movedTo(epoch);
            within = project.allows(chargedGwei, elapsed);
            if (within) _projects[account][place] = project.withSpent(chargedGwei);
        }
    }

    /// @dev Lets `nominee` become an admin by accepting, and nobody else.
    function _nominate(address account, address previous, address nominee) private {
        _nominees[account] = nominee;
        emit AdminNominated(account, previous, nominee);
    }

    /// @dev A place for a project that no key names yet.
    function _nextPlace(address account) private returns (uint256 place) {
        place = uint256(_counts[account].places) + 1;
        require(place <= SpendingRecord.MAX_PLACE, OrganisationsTooManyProjects(account, SpendingRecord.MAX_PLACE));
        _counts[account].places = place.toUint32();
    }

    /// @dev The caller is an admin of the account.
    function _requireAdmin(address account) private view {
        require(isAdmin(account, msg.sender), OrganisationsNotAdmin(account, msg.sender));
    }

    /// @dev The organisation of an account, whether it ever said anything or not.
    function _organisationOf(address account) private view returns (OrganisationWord organisation) {
        organisation = _organisations[account];
        if (organisation.exists()) return organisation;
        return SpendingRecord.newOrganisation();
    }

    /// @dev Place of a project that exists.
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

    /// @dev Limits as they are stored, if they are in range.
    function _requireLimits(
        Limits calldata limits
    ) private view returns (uint256 left, uint256 epochLimit, uint256 expiry) {
        uint48 expiresAt = limits.expiresAt;
        uint32 categories = limits.categories;
        (left, epochLimit) = (_requireLimit(limits.totalLimit), _requireLimit(limits.epochLimit));
        require(
            expiresAt > block.timestamp && expiresAt <= MAX_EXPIRY,
            OrganisationsInvalidExpiry(expiresAt, block.timestamp + 1, MAX_EXPIRY)
        );
        require(
            categories != 0 && categories & ~ALL_CATEGORIES == 0,
            OrganisationsInvalidCategories(categories, ALL_CATEGORIES)
        );
        return (left, epochLimit, expiresAt - GENESIS);
    }

    /// @dev Whether the caller manages the project at a place.
    function _isManagerOf(address account, uint256 place) private view returns (bool) {
        if (place == 0) return false;
        SpendingWord key = _keys[account][_keyPlace(_organisations[account], msg.sender)];
        return key.place() == place && key.role() == uint256(Role.Manager) && block.timestamp - GENESIS <= key.expiry();
    }

    /// @dev Limits of the organisation, as they are read back.
    function _limitsOf(OrganisationWord record) private view returns (Limits memory limits) {
        return _readLimits(record.leftGwei(), record.epochLimitGwei(), record.expiry(), record.categories());
    }

    /// @dev Limits of a key or project that there is, as they are read back.
    function _limitsOf(SpendingWord record) private view returns (Limits memory limits) {
        return _readLimits(record.leftGwei(), record.epochLimitGwei(), record.expiry(), record.categories());
    }

    /// @dev Limits from how they are stored.
    function _readLimits(
        uint256 left,
        uint256 epochLimit,
        uint256 expiry,
        uint256 categories
    ) private view returns (Limits memory limits) {
        return
            Limits({
                epochLimit: epochLimit * GWEI,
                totalLimit: left * GWEI,
                expiresAt: (GENESIS + expiry).toUint48(),
                categories: categories.toUint32()
            });
    }

    /// @dev Where a key of the running generation is kept.
    function _keyPlace(OrganisationWord organisation, address key) private pure returns (uint256 keyPlace) {
        return (organisation.generation() << 160) | uint160(key);
    }

    /// @dev Whether a key may spend at all.
    function _keyReason(SpendingWord key, uint256 elapsed) private pure returns (Metering.Reason reason) {
        if (!key.exists()) reason = Metering.Reason.KeyUnknown;
        else if (key.role() != uint256(Role.Spender)) reason = Metering.Reason.KeyCannotSpend;
        else if (elapsed > key.expiry()) reason = Metering.Reason.KeyExpired;
    }

    /// @dev Whether the project of a key may spend, if there is no reason yet; it is gone if its keys were revoked.
    function _projectReason(
        SpendingWord project,
        Metering.Reason keyReason,
        uint256 elapsed
    ) private pure returns (Metering.Reason reason) {
        reason = keyReason;
        if (!project.exists()) reason = Metering.Reason.KeyUnknown;
        else if (reason == Metering.Reason.None && elapsed > project.expiry()) reason = Metering.Reason.ProjectExpired;
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
