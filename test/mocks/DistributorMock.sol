// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDistributor} from "../../contracts/interfaces/IDistributor.sol";
import {IProvisionBook} from "../../contracts/interfaces/IProvisionBook.sol";

/// @dev A distributor that answers, fails or wastes as it is told, and books nothing.
contract DistributorMock is IDistributor, IProvisionBook {
    enum Mode {
        Answer,
        Revert,
        Loop,
        Bomb,
        Short
    }

    Mode private _mode;
    uint256 private _answer;

    function set(Mode mode, uint256 answer) external {
        (_mode, _answer) = (mode, answer);
    }

    function book(address, uint32, uint256) external view {
        require(_mode == Mode.Answer, "no book");
    }

    function demandOf(uint32, uint256) external view returns (uint256 amount) {
        if (_mode == Mode.Revert) revert("no demand");
        while (_mode == Mode.Loop) ++amount;
        if (_mode == Mode.Bomb) {
            assembly ("memory-safe") {
                return(0, 90000)
            }
        }
        if (_mode == Mode.Short) {
            assembly ("memory-safe") {
                return(0, 31)
            }
        }
        return _answer;
    }
}
