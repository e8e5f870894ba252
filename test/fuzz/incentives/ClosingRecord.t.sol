// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IIncentiveVault} from "../../../contracts/interfaces/IIncentiveVault.sol";
import {ClosingRecord, ClosingWord} from "../../../contracts/libraries/ClosingRecord.sol";
import {TestBase} from "../../support/TestBase.sol";

contract ClosingRecordFuzzTest is TestBase {
    using ClosingRecord for IIncentiveVault.Closing;

    function testFuzz_Closing_KeepsItsFieldsApart(uint256[4] calldata raw, uint16 kappaBps) external pure {
        IIncentiveVault.Closing memory closing = IIncentiveVault.Closing({
            burned: _amount(raw[0]),
            kappaBps: kappaBps,
            allotment: _amount(raw[1]),
            released: _amount(raw[2]),
            stageCap: _amount(raw[3])
        });

        bytes32 unpacked = keccak256(abi.encode(closing.pack().unpack()));
        vm.assertTrue(unpacked == keccak256(abi.encode(closing)), "closing");
    }

    function test_Unpack_OfAnEpochThatIsNotClosedIsZero() external pure {
        vm.assertEq(ClosingWord.wrap(0).unpack().burned, 0, "burned");
    }

    /// @dev Whole gwei, more than the supply at most.
    function _amount(uint256 raw) private pure returns (uint96) {
        return uint96((raw % 1_000_000_000e9) * 1 gwei);
    }
}
