// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Contribution
/// @notice Types shared by the incentive contracts.
/// @dev A namespace, never deployed. An existing category never changes its number.
library Contribution {
    /// @notice What is contributed. `Provision` is counted by settlement alone, the others are attested; `Other` is for kinds
    /// that fit none of the names.
    enum Category {
        Provision,
        Maintenance,
        Optimisation,
        Support,
        Other
    }
}
