// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMeter} from "../../contracts/interfaces/IMeter.sol";
import {IProvisionBook} from "../../contracts/interfaces/IProvisionBook.sol";

/// @dev Records bookings of the Meter, fails, burns its gas, or calls back.
contract BookMock is IProvisionBook {
    enum Mood {
        Books,
        Reverts,
        BurnsGas,
        CallsBack
    }

    event Booked(address indexed provider, uint32 epoch, uint256 burned, uint32 finished, uint256 finishedBurned);

    error BookMockRefused();

    IMeter public immutable METER;
    Mood private _mood;
    address private _target;
    bytes private _call;

    constructor(IMeter meter) {
        METER = meter;
    }

    function set(Mood mood) external {
        _mood = mood;
    }

    function callBack(address target, bytes calldata call) external {
        (_mood, _target, _call) = (Mood.CallsBack, target, call);
    }

    function book(address provider, uint32 epoch, uint256 burned) external {
        if (_mood == Mood.Reverts) revert BookMockRefused();
        if (_mood == Mood.BurnsGas) {
            while (true) {}
        }
        if (_mood == Mood.CallsBack) {
            (bool success, ) = _target.call(_call);
            if (!success) revert BookMockRefused();
        }
        (uint32 finished, uint256 finishedBurned) = METER.finishedUse();
        emit Booked(provider, epoch, burned, finished, finishedBurned);
    }
}
