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
/// @dev {Meter} forwards all other functions to this contract by delegate call. So this code runs on the storage of the
/// Meter, at its address and with its authority. A direct call uses its own storage, which holds nothing.
contract MeterExtension is MeterBase, AccessTiers, MeterCredit, MeterOrganisations, MeterStatistics {
    /// @param token OPA.
    /// @param registry Resource registry of the system, whose clock applies here too.
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
