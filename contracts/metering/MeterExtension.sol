// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessTiers} from "../access/AccessTiers.sol";
import {IAccessPolicy} from "../interfaces/IAccessPolicy.sol";
import {IOPAToken} from "../interfaces/IOPAToken.sol";
import {IResourceRegistry} from "../interfaces/IResourceRegistry.sol";
import {MeterBase} from "./MeterBase.sol";
import {MeterCredit} from "./MeterCredit.sol";
import {MeterOrganisations} from "./MeterOrganisations.sol";
import {MeterStatistics} from "./MeterStatistics.sol";

/// @title MeterExtension
/// @notice The part of {IMeter} that settlement never runs: deposits, withdrawals, mandates, organisations, access policies,
/// providers, the pause, and reads.
/// @dev {Meter} hands every function that it does not have itself to this contract by delegate call, so this code works on
/// the Meter's storage, in the Meter's name and by the Meter's authority. Called directly it works on its own storage,
/// which holds nothing.
contract MeterExtension is MeterBase, AccessTiers, MeterCredit, MeterOrganisations, MeterStatistics {
    /// @param token OPA.
    /// @param registry Resource registry of the system, whose clock counts here too.
    /// @param initialAuthority AccessManager of the system.
    /// @param claimGrace Seconds after the end of a reservation before anyone can release it, from one hour to 30 days.
    /// @param initialPolicy Access policy in force initially.
    /// @param burnLimits Burn allowances per epoch, in OPA wei.
    constructor(
        IOPAToken token,
        IResourceRegistry registry,
        address initialAuthority,
        uint32 claimGrace,
        IAccessPolicy initialPolicy,
        BurnLimits memory burnLimits
    ) MeterBase(token, registry, initialAuthority, initialPolicy, burnLimits) MeterCredit(claimGrace) {}
}
