// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SignerCheck} from "../../contracts/libraries/SignerCheck.sol";

/// @dev {SignerCheck} with the wallet gas of settlement, callable from outside.
contract SignerCheckHarness {
    using SignerCheck for address;

    function isSigned(address signer, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return signer.isSigned(digest, signature, 300_000);
    }
}
