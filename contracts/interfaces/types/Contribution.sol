// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Contribution
/// @notice Types shared by the incentive contracts.
/// @dev A namespace, never deployed. An existing category never changes its number.
library Contribution {
    /// @notice Category of a contribution. The Meter counts `Provision`; all others are attested. `Other` is for kinds
    /// that fit no other category.
    enum Category {
        Provision,
        Maintenance,
        Optimisation,
        Support,
        Other
    }
}
