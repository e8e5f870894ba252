// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {
    ChargeWord,
    MeteringWords,
    NodeWord,
    TermsWord,
    UsageWord
} from "../../../contracts/interfaces/types/MeteringWords.sol";
import {TestBase} from "../../support/TestBase.sol";

contract MeteringWordsFuzzTest is TestBase {
    /// @dev The most that can ever be burned, in wei and in gwei.
    uint256 private constant SUPPLY = 800_000_000e18;
    uint256 private constant SUPPLY_GWEI = SUPPLY / 1 gwei;
    uint256 private constant REASONS = uint256(type(Metering.Reason).max) + 1;

    function testFuzz_Charge_ComesBack(address provider, uint96 amount) external pure {
        ChargeWord word = MeteringWords.toCharge(provider, amount);

        vm.assertTrue(word.provider() == provider, "provider");
        vm.assertEq(word.amount(), amount, "amount");
    }

    /// @dev Units are at most compute units, and each of those costs a gwei at least.
    function testFuzz_Usage_ComesBackAndNeverCarries(
        uint256 burned,
        uint256 part,
        uint256 weight,
        uint32 epoch
    ) external pure {
        burned = _bound(burned, 0, SUPPLY);
        part = _bound(part, 0, burned);
        weight = _bound(weight, 1, type(uint32).max);
        (uint256 first, uint256 second) = (part / 1 gwei / weight, (burned - part) / 1 gwei / weight);
        UsageWord word = MeteringWords.toUsage(first, weight, part).markedWith(epoch).plus(
            MeteringWords.toUsage(second, weight, burned - part)
        );

        Metering.Usage memory usage = word.unpack();
        vm.assertEq(usage.units, first + second, "units");
        vm.assertEq(usage.computeUnits, (first + second) * weight, "compute units");
        vm.assertEq(usage.burned, burned, "burned");
        vm.assertEq(word.epoch(), epoch, "epoch");
        vm.assertTrue(word.isZero() == (burned == 0), "zero");
    }

    function test_Usage_HoldsTheWholeSupplyAtTheLowestPrice() external pure {
        Metering.Usage memory usage = MeteringWords
            .toUsage(SUPPLY_GWEI, 1, SUPPLY)
            .markedWith(type(uint32).max)
            .unpack();

        vm.assertEq(usage.units, SUPPLY_GWEI, "units");
        vm.assertEq(usage.computeUnits, SUPPLY_GWEI, "compute units");
        vm.assertEq(usage.burned, SUPPLY, "burned");
    }

    function testFuzz_MarkedWith_ChangesTheEpochOnly(uint256 raw, uint32 epoch) external pure {
        UsageWord marked = UsageWord.wrap(raw).markedWith(epoch);

        vm.assertEq(marked.epoch(), epoch, "epoch");
        vm.assertEq(UsageWord.unwrap(marked) >> 32, raw >> 32, "rest");
    }

    function testFuzz_Terms_ComeBack(
        uint32 resource,
        uint32 priceEpoch,
        uint8[4] calldata small,
        uint32 weight,
        uint96 unitPrice
    ) external pure {
        Metering.Terms memory terms = Metering.Terms({
            reason: Metering.Reason(small[0] % REASONS),
            category: Metering.Category(small[1] % 5),
            minimumTier: small[2],
            weight: weight,
            unitPrice: unitPrice
        });

        TermsWord word = MeteringWords.toTerms(resource, priceEpoch, terms);

        vm.assertTrue(word.reason() == terms.reason, "reason");
        vm.assertEq(word.category(), uint8(terms.category), "category");
        vm.assertEq(word.weight(), weight, "weight");
        vm.assertEq(word.unitPrice(), unitPrice, "price");
        vm.assertEq(word.resource(), resource, "resource");
        uint32 others = ~(uint32(1) << uint8(terms.category));
        NodeWord all = MeteringWords.toNode(address(0), Metering.Reason.None, type(uint32).max);
        NodeWord rest = MeteringWords.toNode(address(0), Metering.Reason.None, others);
        vm.assertTrue(all.serves(word, 31) == (small[0] % REASONS == 0), "open");
        vm.assertTrue(!rest.serves(word, 31), "other categories");
        vm.assertTrue(!all.serves(word, others & 31), "other categories of the signer");
        vm.assertEq(word.tier(), small[2], "tier");
        vm.assertTrue(TermsWord.unwrap(word) != 0, "not empty");
        vm.assertTrue(word.isFor(resource, priceEpoch), "found");
    }

    function testFuzz_Terms_AreForOneResourceAndEpoch(
        uint32[2] calldata resources,
        uint32[2] calldata epochs
    ) external pure {
        Metering.Terms memory terms;
        TermsWord word = MeteringWords.toTerms(resources[0], epochs[0], terms);

        bool isSame = resources[0] == resources[1] && epochs[0] == epochs[1];
        vm.assertTrue(word.isFor(resources[1], epochs[1]) == isSame, "other");
        vm.assertTrue(!word.isFor(resources[0] ^ 1, epochs[0]), "next resource");
        vm.assertTrue(!word.isFor(resources[0], epochs[0] ^ 1), "next epoch");
    }

    function testFuzz_Node_ComesBack(address provider, uint8 code, uint32 categories, uint8 category) external pure {
        Metering.Reason reason = Metering.Reason(code % REASONS);
        uint256 one = category % 32;

        NodeWord word = MeteringWords.toNode(provider, reason, categories);

        bool isListed = (categories >> one) & 1 == 1;
        vm.assertTrue(word.provider() == provider && word.isFor(provider), "provider");
        vm.assertTrue(!word.isFor(address(uint160(provider) ^ 1)), "other provider");
        vm.assertTrue(word.reason() == reason, "reason");
        vm.assertTrue(word.lists(one) == (isListed && reason == Metering.Reason.None), "listed");
        vm.assertTrue(NodeWord.unwrap(word) != 0, "not empty");
    }
}
