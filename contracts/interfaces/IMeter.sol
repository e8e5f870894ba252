// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IAccessTiers} from "./IAccessTiers.sol";
import {IEpochClock} from "./IEpochClock.sol";
import {IGuardedPause} from "./IGuardedPause.sol";
import {IMeterBase} from "./IMeterBase.sol";
import {IMeterBilling} from "./IMeterBilling.sol";
import {IMeterCredit} from "./IMeterCredit.sol";
import {IMeterRole} from "./IMeterRole.sol";
import {IMeterUsage} from "./IMeterUsage.sol";
import {IOrganisations} from "./IOrganisations.sol";
import {IRestrictable} from "./IRestrictable.sol";

/// @title IMeter
/// @notice The whole interface of the Meter: credit and mandates, organisations, the judgement of lines, and the count of use.
/// @dev All of it is called at the Meter's address. {IMeterBilling} is the Meter's own code. An extension on the same
/// storage implements the rest, because both do not fit into one contract. The Meter names the extension by ERC-897, so
/// that explorers show the functions of both.
interface IMeter is
    IAccessManaged,
    IMeterBase,
    IMeterBilling,
    IMeterCredit,
    IMeterUsage,
    IMeterRole,
    IOrganisations,
    IAccessTiers,
    IGuardedPause,
    IRestrictable,
    IEpochClock
{
    /// @notice The extension is missing.
    error MeterZeroExtension();

    /// @notice Extension, in the words of ERC-897. It never changes.
    function implementation() external view returns (address);

    /// @notice Kind of the delegation, in the words of ERC-897: 1, to a contract that never changes.
    function proxyType() external pure returns (uint256);
}
