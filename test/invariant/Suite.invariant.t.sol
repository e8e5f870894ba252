// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReleaseVault} from "../../contracts/release/ReleaseVault.sol";
import {MeteringBase} from "../support/MeteringBase.sol";
import {ReleaseHandler} from "./handlers/ReleaseHandler.sol";
import {SettlementHandler} from "./handlers/SettlementHandler.sol";

/// @dev Vesting and settlement of one token side by side: money in is money out over all modules.
contract SuiteInvariantTest is MeteringBase {
    uint256 private constant SUPPLY = 800_000_000e18;
    uint256 private constant PEOPLE = 3;
    address private constant RESERVE = address(0x4E5E4BE);

    ReleaseVault private vault;
    ReleaseHandler private releases;
    SettlementHandler private settlements;
    address[3] private providers = [address(0x1001), address(0x2001), address(0x3003)];

    function setUp() external {
        _deploySuite();
        vm.warp(1_800_000_000);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            _registerNode(providers[i]);
        }
        address target = _deploy("ClaimTargetMock", abi.encode(token));
        vault = ReleaseVault(_deploy("ReleaseVault", abi.encode(token, authority, RESERVE, target, target)));
        releases = ReleaseHandler(_deploy("ReleaseHandler", abi.encode(token, vault)));
        authority.grantRole(authority.ADMIN_ROLE(), address(releases), 0);
        settlements = SettlementHandler(_deploy("SettlementHandler", abi.encode(token, meter, settlement, providers)));
        token.transfer(address(releases), SUPPLY / 2);
        token.transfer(address(settlements), token.balanceOf(address(this)));
        _target(address(releases));
        _target(address(settlements));
    }

    /// @dev SYS-I1, SYS-I7, SUP-I1, SUP-I2.
    function invariant_HoldingsOfAllModulesAndHoldersAddUpToTheSupply() external view {
        uint256 held = token.balanceOf(address(vault)) + token.balanceOf(address(meter));
        held += token.balanceOf(address(releases)) + token.balanceOf(address(settlements)) + token.balanceOf(RESERVE);
        held += token.balanceOf(settlements.RECIPIENT()) + token.balanceOf(address(nodes));
        for (uint256 i = 0; i < PEOPLE; ++i) {
            held += token.balanceOf(settlements.consumers(i)) + token.balanceOf(providers[i]);
        }
        for (uint256 i = 0; i < releases.ACTORS(); ++i) {
            held += token.balanceOf(releases.actor(i));
        }
        vm.assertEq(held, token.totalSupply(), "SYS-I1: holders");
        vm.assertEq(held + token.totalBurned(), SUPPLY, "SYS-I7: supply");
    }

    /// @dev SYS-I7: every burn was settled; nothing else burns here.
    function invariant_OnlySettlementBurns() external view {
        vm.assertEq(token.totalBurned(), settlements.ghostBurned(), "SYS-I7: burned");
    }

    /// @dev SYS-I1: each module holds at least its debts, under any action of the other one.
    function invariant_EachModuleHoldsWhatItOwes() external view {
        (uint256 unreleased, ) = vault.unreleasedIn(1, type(uint256).max);
        (uint256 free, uint256 reserved) = meter.totals();
        uint256 inVault = token.balanceOf(address(vault));
        uint256 inMeter = token.balanceOf(address(meter));
        vm.assertEq(inVault, unreleased + releases.ghostDonated(), "SYS-I1: vault");
        vm.assertEq(inMeter, free + reserved + settlements.ghostDonated(), "SYS-I1: meter");
    }
}
