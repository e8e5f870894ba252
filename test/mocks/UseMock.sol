// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IResourceRegistry} from "../../contracts/interfaces/IResourceRegistry.sol";

/// @dev Tells a registry how much of its resources is used, as the Meter does.
contract UseMock {
    struct Use {
        uint32 epoch;
        uint64 units;
    }

    IResourceRegistry public immutable REGISTRY;

    mapping(uint32 resource => Use use) private _uses;

    constructor(IResourceRegistry registry) {
        REGISTRY = registry;
    }

    function use(uint32 resource, uint64 units) external {
        REGISTRY.storeRates(resource);
        uint32 epoch = REGISTRY.currentEpoch();
        Use storage last = _uses[resource];
        if (last.epoch != epoch) last.units = 0;
        last.epoch = epoch;
        last.units += units;
    }

    function lastUseOf(uint32 resource) external view returns (uint32 epoch, uint64 units) {
        return (_uses[resource].epoch, _uses[resource].units);
    }
}
