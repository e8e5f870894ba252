// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {AuthorizeWorlds} from "../../support/AuthorizeWorlds.sol";

/// @dev ACC-5: what `authorize` says is what settlement does with a statement for exactly that use.
contract AuthorizeFuzzTest is AuthorizeWorlds {
    uint256 private constant WORLDS = 750;

    function setUp() external {
        _deployWorlds();
    }

    function test_Authorize_SaysWhatSettlementDoesInThousandsOfSituations() external {
        for (uint256 i = 0; i < WORLDS; ++i) {
            this.playWorld(i);
        }

        vm.assertTrue(_situations >= 3_000, "situations");
        for (uint256 i = 0; i <= uint256(type(Metering.Reason).max); ++i) {
            Metering.Reason reason = Metering.Reason(i);
            bool isOfForm = i != 0 && reason <= Metering.Reason.LinesUnordered;
            bool isReachable = !isOfForm && reason != Metering.Reason.ResourceUnpriced;
            vm.assertEq(_seen[reason] != 0 ? i : 0, isReachable ? i : 0, "reasons that occurred");
        }
    }

    /// @dev ACC-I1.
    function testFuzz_Authorize_SaysWhatSettlementDoes(uint256 seed) external {
        this.playWorld(seed);
    }
}
