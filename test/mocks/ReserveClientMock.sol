// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IReserveClient} from "../../contracts/interfaces/IReserveClient.sol";
import {ISystemReserve} from "../../contracts/interfaces/ISystemReserve.sol";

/// @dev A module that records payments and can interfere meanwhile: call its reserve back, or refuse the payment.
contract ReserveClientMock is IReserveClient, ERC165 {
    ISystemReserve public immutable RESERVE;

    bool public refuses;
    bytes public callBack;
    bytes public callBackResult;
    uint256 public drawn;
    uint256 public balanceWhenCalled;

    constructor(ISystemReserve reserve) {
        RESERVE = reserve;
    }

    function refuse(bool newRefuses) external {
        refuses = newRefuses;
    }

    function setCallBack(bytes calldata newCallBack) external {
        callBack = newCallBack;
    }

    function receiveDraw(uint256 id, uint256 amount) external {
        require(msg.sender == address(RESERVE), ReserveClientNotReserve(msg.sender));
        require(!refuses, "no draw today");
        drawn += amount;
        balanceWhenCalled = RESERVE.TOKEN().balanceOf(address(this));
        emit DrawReceived(id, amount, 0);
        // solhint-disable-next-line avoid-low-level-calls
        if (callBack.length != 0) (, callBackResult) = address(RESERVE).call(callBack);
    }

    function returnUnused() external returns (uint256 amount) {
        IERC20 token = RESERVE.TOKEN();
        amount = token.balanceOf(address(this));
        if (amount == 0) return 0;
        emit DrawReturned(amount);
        // solhint-disable-next-line erc20-unchecked-return
        token.transfer(address(RESERVE), amount);
    }

    function unused() external view returns (uint256 amount, uint256 returnable) {
        amount = returnable = RESERVE.TOKEN().balanceOf(address(this));
    }

    function supportsInterface(bytes4 interfaceId) public view override(ERC165, IERC165) returns (bool) {
        return interfaceId == type(IReserveClient).interfaceId || super.supportsInterface(interfaceId);
    }
}
