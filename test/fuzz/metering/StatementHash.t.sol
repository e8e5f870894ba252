// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {StatementHashHarness} from "../../mocks/StatementHashHarness.sol";
import {TestBase} from "../../support/TestBase.sol";

contract StatementHashFuzzTest is TestBase {
    string private constant LINE = "Line(address provider,uint32 resource,uint128 cumulativeUnits)";
    string private constant STATEMENT = "Statement(address account,uint32 priceEpoch,uint48 deadline,Line[] lines)";

    StatementHashHarness private harness;

    function setUp() external {
        harness = new StatementHashHarness();
    }

    function testFuzz_Hash_IsTheStandardOne(Metering.Statement calldata statement) external view {
        vm.assertTrue(harness.hash(statement) == _expected(statement), "as EIP-712 says");
    }

    function testFuzz_Hash_ChangesWithEveryField(Metering.Statement memory statement, uint256 bit) external view {
        bytes32 before = harness.hash(statement);

        statement.account = address(uint160(statement.account) ^ uint160(1 << (bit % 160)));
        vm.assertTrue(harness.hash(statement) != before, "account");
        bytes32 last = harness.hash(statement);
        statement.priceEpoch ^= uint32(1 << (bit % 32));
        vm.assertTrue(harness.hash(statement) != last, "price epoch");
        last = harness.hash(statement);
        statement.deadline ^= uint48(1 << (bit % 48));
        vm.assertTrue(harness.hash(statement) != last, "deadline");
        last = harness.hash(statement);
        statement.lines = _longer(statement.lines);
        vm.assertTrue(harness.hash(statement) != last, "number of lines");

        Metering.Line memory line = statement.lines[bit % statement.lines.length];
        last = harness.hash(statement);
        line.provider = address(uint160(line.provider) ^ uint160(1 << (bit % 160)));
        vm.assertTrue(harness.hash(statement) != last, "provider");
        last = harness.hash(statement);
        line.resource ^= uint32(1 << (bit % 32));
        vm.assertTrue(harness.hash(statement) != last, "resource");
        last = harness.hash(statement);
        line.cumulativeUnits ^= uint128(1 << (bit % 128));
        vm.assertTrue(harness.hash(statement) != last, "units");
    }

    /// @dev The hash by way of `encodeData`, which joins the lines byte by byte.
    function _expected(Metering.Statement calldata statement) private pure returns (bytes32) {
        bytes memory joined;
        for (uint256 i = 0; i < statement.lines.length; ++i) {
            bytes memory encoded = abi.encode(keccak256(bytes(LINE)), statement.lines[i]);
            joined = bytes.concat(joined, keccak256(encoded));
        }
        return
            keccak256(
                bytes.concat(
                    keccak256(bytes.concat(bytes(STATEMENT), bytes(LINE))),
                    bytes32(uint256(uint160(statement.account))),
                    bytes32(uint256(statement.priceEpoch)),
                    bytes32(uint256(statement.deadline)),
                    keccak256(joined)
                )
            );
    }

    function _longer(Metering.Line[] memory lines) private pure returns (Metering.Line[] memory longer) {
        longer = new Metering.Line[](lines.length + 1);
        for (uint256 i = 0; i < lines.length; ++i) longer[i] = lines[i];
    }
}
