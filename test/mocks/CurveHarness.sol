// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IReleaseVault} from "../../contracts/interfaces/IReleaseVault.sol";
import {ReleaseCurve} from "../../contracts/libraries/ReleaseCurve.sol";

/// @dev {ReleaseCurve} over one curve in storage, callable from outside.
contract CurveHarness {
    using ReleaseCurve for ReleaseCurve.Packed;

    ReleaseCurve.Packed private _curve;

    function store(IReleaseVault.Stage[] calldata stages) external {
        delete _curve;
        _curve.store(stages);
    }

    function vestedDown(uint256 total, uint256 elapsed) external view returns (uint256) {
        return _curve.vestedDown(total, elapsed);
    }

    function growthAfter(uint256 elapsed) external view returns (bool grows, uint256 offset) {
        return _curve.growthAfter(elapsed);
    }

    function firstGrowth() external view returns (uint256) {
        return _curve.firstGrowth();
    }

    function list() external view returns (IReleaseVault.Stage[] memory) {
        return _curve.list();
    }
}
