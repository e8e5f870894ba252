// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SignerCheckHarness} from "../../mocks/SignerCheckHarness.sol";
import {WalletMock} from "../../mocks/WalletMock.sol";
import {TestBase} from "../../support/TestBase.sol";

contract SignerCheckFuzzTest is TestBase {
    uint256 private constant KEY = 0xA11CE;
    uint256 private constant WALLET_GAS = 300_000;

    SignerCheckHarness private harness;
    WalletMock private wallet;

    function setUp() external {
        harness = new SignerCheckHarness();
        wallet = new WalletMock(vm.addr(KEY));
    }

    function testFuzz_IsSigned_NeverRevertsAndBelievesNoBytes(
        address signer,
        bytes32 digest,
        bytes calldata signature
    ) external view {
        vm.assertTrue(!harness.isSigned(signer, digest, signature), "anybody");
        vm.assertTrue(!harness.isSigned(address(0), digest, signature), "nobody");
        vm.assertTrue(!harness.isSigned(address(wallet), digest, signature), "wallet");
        vm.assertTrue(!harness.isSigned(address(this), digest, signature), "contract without ERC-1271");
        for (uint160 precompile = 1; precompile <= 10; ++precompile) {
            vm.assertTrue(!harness.isSigned(address(precompile), digest, signature), "precompile");
        }
    }

    function testFuzz_IsSigned_BoundsWhatAWalletDoes(uint8 choice, bytes32 digest, bytes calldata signature) external {
        WalletMock.Behaviour behaviour = WalletMock.Behaviour(choice % 8);
        wallet.behave(behaviour);

        uint256 gasBefore = gasleft();
        bool believed = harness.isSigned(address(wallet), digest, signature);

        bool isMagic = behaviour == WalletMock.Behaviour.AcceptsAll || behaviour == WalletMock.Behaviour.LongReturn;
        vm.assertTrue(believed == isMagic, "only the magic value counts");
        vm.assertTrue(gasBefore - gasleft() < 2 * WALLET_GAS, "bounded gas");
    }

    function testFuzz_IsSigned_KnowsTheKeyAndItsWallet(uint256 key, bytes32 digest, bytes32 other) external view {
        key = _bound(key, 1, 2 ** 255);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        bytes memory signature = abi.encodePacked(r, s, v);

        vm.assertTrue(harness.isSigned(vm.addr(key), digest, signature), "key");
        vm.assertTrue(harness.isSigned(vm.addr(key), other, signature) == (other == digest), "other digest");
        vm.assertTrue(harness.isSigned(address(wallet), digest, signature) == (key == KEY), "wallet of another");
        (v, r, s) = vm.sign(KEY, digest);
        vm.assertTrue(harness.isSigned(address(wallet), digest, abi.encodePacked(r, s, v)), "wallet");
    }
}
