// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {AccessTierState} from "../access/AccessTierState.sol";
import {IMeterCredit} from "../interfaces/IMeterCredit.sol";
import {IOrganisations} from "../interfaces/IOrganisations.sol";
import {Metering} from "../interfaces/types/Metering.sol";
import {AccountWord} from "../libraries/AccountRecord.sol";
import {OrganisationWord} from "../libraries/OrganisationRecord.sol";
import {SpendingWord} from "../libraries/SpendingRecord.sol";

/// @title MeterAccounts
/// @notice Records of accounts: credit, mandates, organisations, projects and keys.
/// @dev Shared by {Meter} and {MeterExtension}, which use the same storage.
abstract contract MeterAccounts is AccessTierState {
    /// @dev OPA wei deposited and not withdrawn, burned amounts included, and OPA wei in reservations.
    struct Sums {
        uint128 deposited;
        uint128 reserved;
    }

    /// @dev Number of projects of an account, and of storage places used for them.
    struct Counts {
        uint32 projects;
        uint32 places;
    }

    uint256 internal constant GWEI = 1 gwei;
    uint32 internal constant ALL_CATEGORIES = uint32((1 << (uint256(type(Metering.Category).max) + 1)) - 1);

    mapping(address account => AccountWord word) internal _accounts;
    mapping(address account => mapping(address provider => IMeterCredit.Reservation record)) internal _reservations;
    Sums internal _sums;
    mapping(address account => OrganisationWord word) internal _organisations;
    mapping(address account => mapping(uint256 keyPlace => SpendingWord word)) internal _keys;
    mapping(address account => mapping(uint256 place => SpendingWord word)) internal _projects;
    mapping(address account => mapping(uint256 project => uint256 place)) internal _places;
    mapping(address account => Counts counts) internal _counts;
    mapping(address account => mapping(address admin => bool joined)) internal _admins;
    mapping(address account => address nominee) internal _nominees;

    /// @dev Reverts if the caller is no admin of the account.
    function _requireAdmin(address account) internal view {
        require(_isAdmin(account, msg.sender), IOrganisations.OrganisationsNotAdmin(account, msg.sender));
    }

    /// @dev See {IOrganisations-isAdmin}.
    function _isAdmin(address account, address candidate) internal view returns (bool admin) {
        return candidate == account ? !_organisations[account].ownerLeft() : _admins[account][candidate];
    }

    /// @dev See {IOrganisations-tierOf}.
    function _tierOf(address account) internal view returns (uint256 tier) {
        return Math.max(_accounts[account].movedTo(currentEpoch()).tier(), _policyTierOf(account));
    }

    /// @dev Place of a key of the running generation: `generation << 160 | key`. A project is stored at a place that
    /// its keys refer to.
    function _keyPlaceOf(OrganisationWord organisation, address key) internal pure returns (uint256 keyPlace) {
        return (organisation.generation() << 160) | uint160(key);
    }
}
