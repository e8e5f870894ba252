// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBoundedParameter} from "../../contracts/interfaces/IBoundedParameter.sol";
import {GovernedBase} from "../support/GovernedBase.sol";
import {GovernedHandler} from "./handlers/GovernedHandler.sol";

/// @dev The promises of the vault in the whole suite, while governance and every role are captured (G4).
contract GovernedInvariantTest is GovernedBase {
    uint256 private constant BPS = 10_000;
    uint256 private constant SUPPLY = 800_000_000 ether;
    uint256 private constant PEOPLE = 3;

    GovernedHandler private handler;

    function setUp() external {
        address guardian = address(0x6A4D);
        _deployGoverned(guardian);
        for (uint256 i = 0; i < PEOPLE; ++i) _register(address(uint160(0x1001 + i)));
        handler = GovernedHandler(_deploy("GovernedHandler", abi.encode(suite)));
        suite.token.transfer(address(handler), 250_000_000 ether);
        vm.warp(block.timestamp + EPOCH);
        _target(address(handler));
    }

    /// @dev INC-I10: no captured role, vote or settlement lifts the bound over all time.
    function invariant_GovernanceNeverReleasesMoreThanNineTenthsOfAllBurned() external view {
        uint256 released = handler.ghostReleased();
        vm.assertLe(released * BPS, suite.token.totalBurned() * 9_000, "INC-I10: of all burned OPA");
        vm.assertLe(released, handler.ghostMost(), "INC-I9: of the OPA that settlement burned");
        vm.assertLe(handler.ghostMost() * BPS, handler.ghostMetered() * 9_000, "INC-I9: kappa over all epochs");
    }

    /// @dev INC-I10: the vault pays distributors and the reserve alone, to the wei.
    function invariant_GovernanceMovesNothingOutOfTheVaultButReleasesAndReturns() external view {
        uint256 came = VAULT_FUNDS + handler.ghostCame();
        uint256 gone = handler.ghostReleased() + handler.ghostReturned();
        vm.assertEq(suite.token.balanceOf(address(suite.vault)) + gone, came, "INC-I10: conserved");
        uint256 out = handler.distributed() + handler.ghostClaimed() + handler.ghostGivenBack();
        vm.assertEq(out, handler.ghostReleased(), "INC-I10: at the distributors");
        uint32[] memory epochs = handler.closed();
        uint256 released;
        for (uint256 i = 0; i < epochs.length; ++i) released += suite.vault.closingOf(epochs[i]).released;
        vm.assertEq(released, handler.ghostReleased(), "INC-I10: one release per epoch");
        vm.assertTrue(handler.unchanged(), "INC-I3: closing");
    }

    /// @dev RSV-I4: used and returned parts and the rest are all that was drawn.
    function invariant_GovernanceLosesNoDraw() external view {
        (uint256 left, ) = suite.vault.unused();
        uint256 settled = handler.ghostFromDraws() + handler.ghostReturned();
        vm.assertLe(settled + left, handler.ghostDrawn(), "RSV-I4: made");
        // An epoch that is due counts as if it were closed.
        uint256 due = suite.vault.fundsOf().released - handler.ghostReleased();
        vm.assertLe(handler.ghostDrawn(), settled + left + due, "RSV-I4: lost");
    }

    /// @dev SUP-I1, INC-I9.
    function invariant_GovernanceMintsNothingAndKeepsKappaInItsBounds() external view {
        uint256 supply = suite.token.totalSupply();
        vm.assertLe(supply, SUPPLY, "SUP-I1: supply");
        vm.assertEq(supply + suite.token.totalBurned(), SUPPLY, "SUP-I2: burned");
        (IBoundedParameter.Parameter memory current, ) = suite.vault.parameterOf(suite.vault.KAPPA());
        vm.assertLe(current.value, 9_000, "INC-I9: kappa");
    }

    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(GovernedHandler.Action).max); ++action) {
            vm.assertTrue(handler.calls(GovernedHandler.Action(action)) > 0, "an action never ran");
        }
    }

    function _register(address provider) private {
        uint96 amount = 5 * MINIMUM_STAKE;
        suite.token.transfer(provider, amount);
        vm.startPrank(provider);
        suite.token.approve(address(suite.nodes), amount);
        suite.nodes.register(amount, 31, address(0), "");
        vm.stopPrank();
    }
}
