// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {LineWord} from "../../../contracts/libraries/RunningTotals.sol";
import {StatementHashHarness} from "../../mocks/StatementHashHarness.sol";
import {TestBase} from "../../support/TestBase.sol";
import {StatementVectors} from "../../vectors/StatementVectors.sol";

contract StatementHashFuzzTest is TestBase {
    string private constant LINE_TYPE = "Line(address provider,uint32 resource,uint128 cumulativeUnits)";
    string private constant STATEMENT_TYPE =
        "Statement(address account,uint32 priceEpoch,uint48 deadline,Line[] lines)";
    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    StatementHashHarness private _harness;

    function setUp() public {
        _harness = new StatementHashHarness();
    }

    function test_Hash_MatchesGoldenVectors() public view {
        StatementVectors.Vector[] memory vectors = StatementVectors.all();
        for (uint256 i = 0; i < vectors.length; ++i) {
            StatementVectors.Vector memory vector = vectors[i];
            bytes32 structHash = _harness.hash(vector.statement);
            bytes32 digest = MessageHashUtils.toTypedDataHash(_domainOf(vector), structHash);

            vm.assertEq(uint256(structHash), uint256(vector.structHash), "SET-I9 struct hash");
            vm.assertEq(uint256(digest), uint256(vector.digest), "SET-I9 digest");
            address recovered = ECDSA.recover(digest, vector.signature);
            vm.assertEq(uint160(recovered), uint160(vector.signer), "SET-I9 signer");
            for (uint256 j = 0; j < vector.words.length; ++j) {
                Metering.Line memory line = vector.statement.lines[j];
                LineWord word = LineWord.wrap(vector.words[j]);
                vm.assertEq(uint160(word.provider()), uint160(line.provider), "SET-I9 provider");
                vm.assertEq(word.resource(), line.resource, "SET-I9 resource");
                vm.assertEq(word.units(), line.cumulativeUnits, "SET-I9 units");
            }
        }
    }

    function testFuzz_Hash_IsOfTheWholeStatement(
        Metering.Statement memory statement,
        uint256 field,
        uint256 index,
        uint8 bit
    ) public view {
        bytes32 before = _harness.hash(statement);

        field = _bound(field, 0, statement.lines.length == 0 ? 2 : 5);
        if (field == 0) statement.account = address(uint160(statement.account) ^ uint160(1 << (bit % 160)));
        else if (field == 1) statement.priceEpoch ^= uint32(1 << (bit % 32));
        else if (field == 2) statement.deadline ^= uint48(1 << (bit % 48));
        else {
            Metering.Line memory line = statement.lines[index % statement.lines.length];
            if (field == 3) line.provider = address(uint160(line.provider) ^ uint160(1 << (bit % 160)));
            else if (field == 4) line.resource ^= uint32(1 << (bit % 32));
            else line.cumulativeUnits ^= uint128(1 << (bit % 128));
        }

        vm.assertEq(_harness.hash(statement) == before ? 1 : 0, 0, "SET-I9 every bit counts");
    }

    function testFuzz_Hash_FollowsTheStandard(Metering.Statement memory statement) public view {
        bytes memory lines;
        for (uint256 i = 0; i < statement.lines.length; ++i) {
            bytes32 lineHash = keccak256(abi.encode(keccak256(bytes(LINE_TYPE)), statement.lines[i]));
            lines = bytes.concat(lines, lineHash);
        }
        bytes32 typeHash = keccak256(abi.encodePacked(STATEMENT_TYPE, LINE_TYPE));
        bytes32 expected = keccak256(
            abi.encode(typeHash, statement.account, statement.priceEpoch, statement.deadline, keccak256(lines))
        );

        vm.assertEq(uint256(_harness.hash(statement)), uint256(expected), "SET-I9 encoding by hand");
    }

    function _domainOf(StatementVectors.Vector memory vector) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    DOMAIN_TYPEHASH,
                    keccak256("OPA Settlement"),
                    keccak256("1"),
                    vector.chainId,
                    vector.verifyingContract
                )
            );
    }
}
