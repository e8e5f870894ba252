// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IOrganisations
/// @notice An account as an organisation: admins, projects, keys, and limits on each; and the access tier it has.
/// @dev Each charge counts for the key that signed, its project and the organisation; the strictest limit decides. By
/// default an account is its own only admin and has no limits. Limits are OPA wei, whole gwei, from one gwei to
/// {MAX_LIMIT}, which is more than the supply and so no limit at all.
interface IOrganisations {
    /// @notice Role of a key.
    enum Role {
        None,
        Spender,
        Manager
    }

    /// @notice Limits of a key, a project or an organisation.
    /// @param epochLimit OPA wei it may burn per epoch.
    /// @param totalLimit OPA wei it may burn from the time these limits are set; in reads, the rest of it.
    /// @param expiresAt Last second in which it can settle.
    /// @param categories Resource categories it may use, one bit each by number.
    struct Limits {
        uint256 epochLimit;
        uint256 totalLimit;
        uint48 expiresAt;
        uint32 categories;
    }

    /// @notice A key as it can be read back.
    /// @param role Role; `None` if the key was never set or is revoked, alone or with others.
    /// @param project Project it belongs to, or 0.
    /// @param spent OPA wei it has burned in the running epoch.
    /// @param limits Its limits.
    struct Key {
        Role role;
        uint32 project;
        uint256 spent;
        Limits limits;
    }

    /// @notice A project as it can be read back.
    /// @param spent OPA wei its keys have burned in the running epoch.
    /// @param limits Its limits.
    struct Project {
        uint256 spent;
        Limits limits;
    }

    /// @notice An organisation as it can be read back.
    /// @param admins Number of its admins.
    /// @param projects Number of its projects; the last number given.
    /// @param generation How many times all keys were revoked.
    /// @param nominee Account that may become an admin by accepting, or zero.
    /// @param limits Its limits.
    struct Organisation {
        uint256 admins;
        uint32 projects;
        uint32 generation;
        address nominee;
        Limits limits;
    }

    /// @notice Emitted when an organisation's limits change.
    /// @param account Account concerned.
    /// @param previous Previous limits, with the rest of the total.
    /// @param current Limits from now on.
    event OrganisationLimited(address indexed account, Limits previous, Limits current);

    /// @notice Emitted when a project is opened or its limits change.
    /// @param account Account concerned.
    /// @param project Number of the project.
    /// @param previous Previous limits, with the rest of the total; all zero for a new project.
    /// @param current Limits from now on.
    event ProjectSet(address indexed account, uint32 indexed project, Limits previous, Limits current);

    /// @notice Emitted when a key is set or its terms change.
    /// @param account Account it speaks for.
    /// @param key Key concerned.
    /// @param project Project it belongs to, or 0.
    /// @param role Role of the key.
    /// @param previous Previous limits, with the rest of the total; all zero if it had no rights.
    /// @param current Limits from now on.
    event KeySet(
        address indexed account,
        address indexed key,
        uint32 indexed project,
        Role role,
        Limits previous,
        Limits current
    );

    /// @notice Emitted when a key loses all rights.
    /// @param account Account it spoke for.
    /// @param key Key concerned.
    event KeyRevoked(address indexed account, address indexed key);

    /// @notice Emitted when all keys of a project lose all rights.
    /// @param account Account they spoke for.
    /// @param project Number of the project.
    event ProjectKeysRevoked(address indexed account, uint32 indexed project);

    /// @notice Emitted when all keys of an account lose all rights.
    /// @param account Account they spoke for.
    /// @param generation How many times that has happened.
    event AllKeysRevoked(address indexed account, uint32 generation);

    /// @notice Emitted when an admin is nominated.
    /// @param account Account concerned.
    /// @param previous Previous nominee, or zero.
    /// @param nominee New nominee, or zero for none.
    event AdminNominated(address indexed account, address indexed previous, address indexed nominee);

    /// @notice Emitted when an admin joins.
    /// @param account Account concerned.
    /// @param admin New admin.
    event AdminAdded(address indexed account, address indexed admin);

    /// @notice Emitted when an admin leaves.
    /// @param account Account concerned.
    /// @param admin Removed admin.
    event AdminRemoved(address indexed account, address indexed admin);

    /// @notice Emitted when an account's tier is noted for the running epoch.
    /// @param account Account concerned.
    /// @param tier Tier it has.
    /// @param epoch Epoch it holds for.
    event TierNoted(address indexed account, uint8 tier, uint32 epoch);

    /// @notice Only an admin of the account may do this.
    /// @param account Account concerned.
    /// @param caller Address of the caller.
    error OrganisationsNotAdmin(address account, address caller);

    /// @notice Only an admin, or for a spender of its own project a manager, may do this.
    /// @param account Account concerned.
    /// @param project Project concerned.
    /// @param caller Address of the caller.
    error OrganisationsNotManager(address account, uint32 project, address caller);

    /// @notice The key is zero or the account itself.
    /// @param key Key as given.
    error OrganisationsInvalidKey(address key);

    /// @notice A key needs a role, and a manager needs a project.
    /// @param role Role asked for.
    /// @param project Project asked for.
    error OrganisationsInvalidRole(Role role, uint32 project);

    /// @notice The expiry is not in the future, or too far ahead to be stored.
    /// @param expiresAt Expiry asked for.
    /// @param earliest Earliest expiry allowed.
    /// @param latest Latest expiry allowed.
    error OrganisationsInvalidExpiry(uint48 expiresAt, uint256 earliest, uint256 latest);

    /// @notice A limit is a whole number of gwei, from one to {MAX_LIMIT}.
    /// @param limit Limit asked for, in OPA wei.
    /// @param maximum Largest limit in OPA wei.
    error OrganisationsInvalidLimit(uint256 limit, uint256 maximum);

    /// @notice Limits allow at least one category, and only known ones.
    /// @param categories Categories asked for.
    /// @param known Every category there is.
    error OrganisationsInvalidCategories(uint32 categories, uint32 known);

    /// @notice The account has no such project.
    /// @param account Account concerned.
    /// @param project Number asked for.
    error OrganisationsUnknownProject(address account, uint32 project);

    /// @notice The account has opened and revoked as many projects as it ever can.
    /// @param account Account concerned.
    /// @param maximum Largest number.
    error OrganisationsTooManyProjects(address account, uint256 maximum);

    /// @notice The key has no rights to take.
    /// @param account Account concerned.
    /// @param key Key named.
    error OrganisationsUnknownKey(address account, address key);

    /// @notice The nominee is an admin, is nominated already, or is this contract.
    /// @param account Account concerned.
    /// @param nominee Account named.
    error OrganisationsInvalidNominee(address account, address nominee);

    /// @notice Only the nominee can accept.
    /// @param account Account concerned.
    /// @param caller Address of the caller.
    error OrganisationsNotNominee(address account, address caller);

    /// @notice The account has as many admins as it may.
    /// @param account Account concerned.
    /// @param maximum Largest number of admins.
    error OrganisationsTooManyAdmins(address account, uint256 maximum);

    /// @notice The last admin cannot leave.
    /// @param account Account concerned.
    /// @param admin Admin to remove.
    error OrganisationsLastAdmin(address account, address admin);

    /// @notice Limits an organisation: everything that its account, projects and keys burn counts.
    /// @dev Emits {OrganisationLimited}. Only for admins. Burns of the running epoch count for the new epoch limit; the
    /// total limit counts from now on.
    ///
    /// Reverts:
    /// - {OrganisationsNotAdmin} if the caller is no admin.
    /// - {OrganisationsInvalidLimit}, {OrganisationsInvalidExpiry}, {OrganisationsInvalidCategories} for a value out of
    /// range.
    /// @param account Account concerned.
    /// @param limits Its limits from now on.
    function limitOrganisation(address account, Limits calldata limits) external;

    /// @notice Opens a project.
    /// @dev Emits {ProjectSet}. Only for admins.
    ///
    /// Reverts:
    /// - as {limitOrganisation}.
    /// - {OrganisationsTooManyProjects} after 131,071 projects and revocations.
    /// @param account Account concerned.
    /// @param limits Limits on all that its keys burn together.
    /// @return project Number of the project; numbers count up from 1 for each account.
    function openProject(address account, Limits calldata limits) external returns (uint32 project);

    /// @notice Changes the limits of a project. Burns of its keys in the running epoch count; the total limit counts
    /// from now on.
    /// @dev Emits {ProjectSet}. Only for admins.
    ///
    /// Reverts:
    /// - as {limitOrganisation}.
    /// - {OrganisationsUnknownProject} if the account has no such project.
    /// @param account Account concerned.
    /// @param project Number of the project.
    /// @param limits Its limits from now on.
    function setProject(address account, uint32 project, Limits calldata limits) external;

    /// @notice Gives a key rights, or changes them. Its burns in the running epoch count; the total limit counts from
    /// now on.
    /// @dev Emits {KeySet}. For admins; for managers too if the key is or becomes a spender of their own project.
    ///
    /// Reverts:
    /// - {OrganisationsInvalidKey} if the key is zero or the account.
    /// - {OrganisationsInvalidRole} if there is no role, or a manager without a project.
    /// - {OrganisationsUnknownProject} if the account has no such project.
    /// - {OrganisationsNotManager} if the caller may not.
    /// - {OrganisationsInvalidLimit}, {OrganisationsInvalidExpiry}, {OrganisationsInvalidCategories} for a value out of
    /// range.
    /// @param account Account it speaks for.
    /// @param key Externally owned account or ERC-1271 wallet.
    /// @param project Project it belongs to, or 0 for none.
    /// @param role `Spender` to sign statements, `Manager` to set and revoke the spenders of its project.
    /// @param limits Its limits from now on.
    function setKey(address account, address key, uint32 project, Role role, Limits calldata limits) external;

    /// @notice Takes all rights of a key. Its unsettled statements can no longer settle.
    /// @dev Emits {KeyRevoked}. For admins, the key itself, and managers of its project if it is a spender.
    ///
    /// Reverts:
    /// - {OrganisationsUnknownKey} if it has no rights.
    /// - {OrganisationsNotManager} if the caller may not.
    /// @param account Account it speaks for.
    /// @param key Key concerned.
    function revokeKey(address account, address key) external;

    /// @notice Takes all rights of all keys of a project at once, its managers included. The project and its limits stay.
    /// @dev Emits {ProjectKeysRevoked}. Only for admins. Costs the same for any number of keys.
    ///
    /// Reverts:
    /// - {OrganisationsNotAdmin} if the caller is no admin.
    /// - {OrganisationsUnknownProject} if the account has no such project.
    /// - {OrganisationsTooManyProjects} after 131,071 projects and revocations.
    /// @param account Account concerned.
    /// @param project Number of the project.
    function revokeProjectKeys(address account, uint32 project) external;

    /// @notice Takes all rights of all keys of an account at once.
    /// @dev Emits {AllKeysRevoked}. Only for admins. Costs the same for any number of keys.
    ///
    /// Reverts:
    /// - {OrganisationsNotAdmin} if the caller is no admin.
    /// @param account Account concerned.
    function revokeAllKeys(address account) external;

    /// @notice Nominates an admin, or none; an earlier nominee can no longer accept.
    /// @dev Emits {AdminNominated}. Only for admins.
    ///
    /// Reverts:
    /// - {OrganisationsNotAdmin} if the caller is no admin.
    /// - {OrganisationsInvalidNominee} if the nominee is an admin, is nominated already, or is this contract.
    /// @param account Account concerned.
    /// @param nominee Account that may accept, or zero.
    function nominateAdmin(address account, address nominee) external;

    /// @notice Makes the caller an admin, if nominated.
    /// @dev Emits {AdminAdded}.
    ///
    /// Reverts:
    /// - {OrganisationsNotNominee} if the caller was not nominated.
    /// - {OrganisationsTooManyAdmins} if there are {MAX_ADMINS}.
    /// @param account Account concerned.
    function acceptAdmin(address account) external;

    /// @notice Removes an admin; also the account itself, which then can neither administer nor sign.
    /// @dev Emits {AdminRemoved}, and {AdminNominated} if a nomination ends with it. Only for admins, which may remove
    /// each other. Keys that the admin set, its own among them, stay until they are revoked.
    ///
    /// Reverts:
    /// - {OrganisationsNotAdmin} if the caller or `admin` is no admin.
    /// - {OrganisationsLastAdmin} if it is the only one.
    /// @param account Account concerned.
    /// @param admin Admin to remove.
    function removeAdmin(address account, address admin) external;

    /// @notice Largest limit in OPA wei, above the supply.
    function MAX_LIMIT() external view returns (uint256);

    /// @notice Last second that an expiry can name.
    function MAX_EXPIRY() external view returns (uint48);

    /// @notice Largest number of admins of an account.
    function MAX_ADMINS() external view returns (uint256);

    /// @notice An organisation and its limits.
    /// @param account Account to look up.
    /// @return organisation The organisation, or the default state.
    function organisationOf(address account) external view returns (Organisation memory organisation);

    /// @notice A project, its limits and its spending in the running epoch.
    /// @dev Reverts:
    /// - {OrganisationsUnknownProject} if the account has no such project.
    /// @param account Account to look up.
    /// @param project Number of the project.
    /// @return found The project.
    function projectOf(address account, uint32 project) external view returns (Project memory found);

    /// @notice A key, its limits and its spending in the running epoch.
    /// @param account Account to look up.
    /// @param key Key to look up.
    /// @return found The key; all zero if it has no rights.
    function keyOf(address account, address key) external view returns (Key memory found);

    /// @notice Whether an address is an admin of an account.
    /// @param account Account to look up.
    /// @param candidate Address to look up.
    /// @return admin True for the account itself until it is removed, and for nominees that accepted.
    function isAdmin(address account, address candidate) external view returns (bool admin);

    /// @notice Access tier of an account: the higher of the tier kept for the running epoch and the present tier of the
    /// policy.
    /// @param account Account to look up.
    /// @return tier 0 to 7.
    function tierOf(address account) external view returns (uint8 tier);
}
