// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC165, IERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";

import {IPricePolicy} from "../../contracts/interfaces/IPricePolicy.sol";

/// @dev A policy with a fixed result for all arguments, or none.
contract PricePolicyMock is IPricePolicy, ERC165 {
    enum Mood {
        Answers,
        Reverts,
        BurnsGas,
        SaysNothing,
        SaysTooMuch
    }

    Mood private _mood;
    uint32 private _answer;

    function set(Mood mood, uint32 answer) external {
        (_mood, _answer) = (mood, answer);
    }

    function nextRate(uint32, uint64, uint64) external view returns (uint32) {
        if (_mood == Mood.Reverts) revert("no price today");
        if (_mood == Mood.BurnsGas) {
            while (gasleft() > 100) {}
        }
        if (_mood == Mood.SaysNothing) {
            assembly {
                return(0, 0)
            }
        }
        if (_mood == Mood.SaysTooMuch) {
            assembly {
                mstore(0, not(0))
                return(0, 32)
            }
        }
        return _answer;
    }

    function supportsInterface(bytes4 interfaceId) public view override(ERC165, IERC165) returns (bool) {
        return interfaceId == type(IPricePolicy).interfaceId || super.supportsInterface(interfaceId);
    }
}
