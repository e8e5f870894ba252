// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReleaseAmounts, ReleaseRecord, ReleaseTerms} from "../../../contracts/libraries/ReleaseRecord.sol";
import {TestBase} from "../../support/TestBase.sol";

contract ReleaseRecordFuzzTest is TestBase {
    function testFuzz_PackTerms_KeepsEachField(
        address beneficiary,
        address successor,
        uint32 curveId,
        uint48 start,
        bool revocable
    ) external pure {
        ReleaseTerms terms = ReleaseRecord.packTerms(beneficiary, curveId, start, revocable);
        vm.assertTrue(terms.beneficiary() == beneficiary, "beneficiary");

        terms = terms.withBeneficiary(successor);
        vm.assertTrue(terms.beneficiary() == successor, "successor");
        vm.assertEq(terms.curveId(), curveId, "curve");
        vm.assertEq(terms.start(), start, "start");
        vm.assertTrue(terms.isRevocable() == revocable, "revocable");
    }

    function testFuzz_PackAmounts_KeepsEachField(uint96 total, uint96 first, uint96 second, uint48 time) external pure {
        first = uint96(_bound(first, 0, total));
        second = uint96(_bound(second, 0, total - first));

        ReleaseAmounts amounts = ReleaseRecord.packAmounts(total);
        vm.assertEq(amounts.released() + amounts.revokedAt(), 0, "new");
        amounts = amounts.withRelease(first).withRevocation(time).withRelease(second);

        vm.assertEq(amounts.total(), total, "total");
        vm.assertEq(amounts.released(), uint256(first) + second, "released");
        vm.assertEq(amounts.revokedAt(), time, "revoked at");
    }
}
