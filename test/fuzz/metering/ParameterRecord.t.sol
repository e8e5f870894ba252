// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ParameterRecord, ParameterWord} from "../../../contracts/libraries/ParameterRecord.sol";
import {TestBase} from "../../support/TestBase.sol";

contract ParameterRecordFuzzTest is TestBase {
    function testFuzz_Parameter_KeepsItsFieldsApart(
        uint96 value,
        uint96 next,
        uint24 effectiveEpoch,
        uint40 announcedAt,
        uint24 epoch
    ) external pure {
        ParameterWord word = ParameterRecord.toParameter(value, next, effectiveEpoch, announcedAt);

        vm.assertEq(word.value(), value, "value");
        vm.assertEq(word.next(), next, "next");
        vm.assertEq(word.effectiveEpoch(), effectiveEpoch, "effective epoch");
        vm.assertEq(word.announcedAt(), announcedAt, "time");
        vm.assertEq(word.valueIn(epoch), epoch < effectiveEpoch ? value : next, "value in an epoch");
    }
}
