// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IncentivePool} from "../../contracts/incentives/IncentivePool.sol";
import {IncentiveVault} from "../../contracts/incentives/IncentiveVault.sol";
import {IBoundedParameter} from "../../contracts/interfaces/IBoundedParameter.sol";
import {IIncentiveVault} from "../../contracts/interfaces/IIncentiveVault.sol";
import {OPAToken} from "../../contracts/token/OPAToken.sol";
import {AuthorityMock} from "../mocks/AuthorityMock.sol";
import {DistributorMock} from "../mocks/DistributorMock.sol";
import {MeterMock} from "../mocks/MeterMock.sol";
import {TestBase} from "../support/TestBase.sol";
import {CaptureHandler} from "./handlers/CaptureHandler.sol";

/// @dev The promises of the incentive vault while every role is captured (G4).
contract CaptureInvariantTest is TestBase {
    uint256 private constant BPS = 10_000;
    uint32 private constant EPOCH = 1 days;
    uint256 private constant FUNDS = 1_000_000 ether;
    address private constant RESERVE = address(0x4E5E4BE);

    OPAToken private token;
    IncentiveVault private vault;
    IncentivePool private pool;
    MeterMock private meter;
    CaptureHandler private handler;

    function setUp() external {
        vm.warp(10 * uint256(EPOCH));
        AuthorityMock authority = AuthorityMock(_deploy("AuthorityMock", abi.encode(this)));
        token = OPAToken(_deploy("OPAToken", abi.encode(this)));
        meter = MeterMock(_deploy("MeterMock", abi.encode(token, 0, EPOCH)));
        IIncentiveVault.Stage[] memory stages = new IIncentiveVault.Stage[](2);
        (stages[0], stages[1]) = (IIncentiveVault.Stage(0, 10_000), IIncentiveVault.Stage(30, 5_000));
        vault = IncentiveVault(
            _deploy("IncentiveVault", abi.encode(token, meter, RESERVE, authority, uint16(9_000), stages))
        );
        uint16[5] memory shares = [uint16(6_000), 1_000, 1_000, 1_000, 1_000];
        pool = IncentivePool(
            _deploy("IncentivePool", abi.encode(vault, this, this, authority, uint96(16_000_000 ether), shares))
        );
        meter.setBook(pool);
        DistributorMock thief = DistributorMock(_deploy("DistributorMock", ""));
        handler = CaptureHandler(_deploy("CaptureHandler", abi.encode(token, meter, vault, pool, thief, authority)));
        authority.grantRole(authority.ADMIN_ROLE(), address(handler), 0);
        token.transfer(address(vault), FUNDS);
        token.transfer(address(meter), 500_000_000 ether);
        token.transfer(address(handler), 100_000_000 ether);
        vm.warp(block.timestamp + EPOCH);
        _target(address(handler));
    }

    /// @dev INC-I10: under any action of any role, at most 90% of all burned OPA is ever released.
    function invariant_ReleasedNeverExceedsNineTenthsOfAllBurned() external view {
        vm.assertLe(handler.ghostReleased() * BPS, token.totalBurned() * 9_000, "INC-I10: released");
        uint256 out = token.balanceOf(address(handler.THIEF()));
        vm.assertLe(out * BPS, token.totalBurned() * 9_000, "INC-I10: thief");
    }

    /// @dev INC-I10: nothing else leaves the vault.
    function invariant_TheVaultHoldsWhatItReceivedLessReleasesAndReturns() external view {
        uint256 came = FUNDS + handler.ghostReceived();
        uint256 gone = handler.ghostReleased() + handler.ghostReturned();
        vm.assertEq(token.balanceOf(address(vault)) + gone, came, "INC-I10: conserved");
        uint32[] memory epochs = handler.closed();
        uint256 released;
        for (uint256 i = 0; i < epochs.length; ++i) released += vault.closingOf(epochs[i]).released;
        vm.assertEq(released, handler.ghostReleased(), "INC-I10: one release per epoch");
    }

    /// @dev INC-I3.
    function invariant_AClosingNeverChanges() external view {
        vm.assertTrue(handler.unchanged(), "INC-I3: closing");
    }

    /// @dev RSV-I4: used and returned parts and the rest are all that was drawn.
    function invariant_DrawsAreUsedReturnedOrStillThere() external view {
        uint256 settled = handler.ghostFromDraws() + handler.ghostReturned();
        (uint256 left, ) = vault.unused();
        IIncentiveVault.Funds memory funds = vault.fundsOf();
        // An epoch that is due is counted as if it were closed.
        uint256 due = funds.released - handler.ghostReleased();
        vm.assertLe(handler.ghostDrawn(), settled + left + due, "RSV-I4: lost");
        vm.assertLe(settled + left, handler.ghostDrawn(), "RSV-I4: made");
    }

    /// @dev κ stays inside its bounds, so that no vote lifts it.
    function invariant_KappaStaysBelowNineTenths() external view {
        vm.assertLe(_kappa(), 9_000, "INC-I9: kappa");
    }

    function afterInvariant() external view {
        for (uint256 action = 0; action <= uint256(type(CaptureHandler.Action).max); ++action) {
            vm.assertTrue(handler.calls(CaptureHandler.Action(action)) > 0, "an action never ran");
        }
    }

    function _kappa() private view returns (uint256 value) {
        (IBoundedParameter.Parameter memory current, ) = vault.parameterOf(vault.KAPPA());
        return current.value;
    }
}
