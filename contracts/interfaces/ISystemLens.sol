// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ISystemDirectory} from "./ISystemDirectory.sol";

/// @title ISystemLens
/// @notice Reads the system in one call: where the supply is, and what the loop of use and reward did.
/// @dev The supply counts every version in the directory, so OPA that is still at an earlier one counts; locks, votes, stake and
/// prices are those of the current modules. An epoch is read from the vault and from its own pool, however many pools there were. Reads only; holds and decides nothing. Amounts
/// are OPA wei.
interface ISystemLens is IERC165 {
    /// @notice Where the supply is. `initial` is the sum of `burned` and of all that follow `total`, exactly.
    /// @param initial Supply at the beginning.
    /// @param burned Part of it that is destroyed.
    /// @param total Part of it that exists.
    /// @param unvested Held by the release vault: not vested, or vested and not claimed.
    /// @param pool Held by the incentive vault and its pools, rewards that are not claimed included.
    /// @param reserve Held by the reserve.
    /// @param credit Held as credit for services, reserved or not.
    /// @param staked Held by the node registry, stake on its way out included.
    /// @param locked Held by the governance lock, also after the end of a lock.
    /// @param circulating Held by everybody else.
    struct Supply {
        uint256 initial;
        uint256 burned;
        uint256 total;
        uint256 unvested;
        uint256 pool;
        uint256 reserve;
        uint256 credit;
        uint256 staked;
        uint256 locked;
        uint256 circulating;
    }

    /// @notice What the loop did in an epoch. Of the running one only `burned`, `locked`, `votes` and prices are known.
    /// @param epoch Its number.
    /// @param burned Burned by settlement.
    /// @param allotment Most that it could release.
    /// @param released Released in it.
    /// @param points Points by category, in the order of {Contribution-Category}.
    /// @param locked In locks at its last second, or now.
    /// @param votes Voting power at its last second, or now.
    /// @param prices Price of a unit of each resource asked for, zero where it is not known any more.
    struct EpochLoop {
        uint32 epoch;
        uint256 burned;
        uint256 allotment;
        uint256 released;
        uint256[5] points;
        uint256 locked;
        uint256 votes;
        uint256[] prices;
    }

    /// @notice State of the system now.
    /// @param epoch Running epoch.
    /// @param burned Burned by settlement in it so far.
    /// @param staked At stake, or on its way out.
    /// @param locked In locks that have not ended, as of the second before.
    /// @param votes Voting power.
    /// @param lockRatioBps Share of the supply that is in such locks, in basis points, rounded down.
    struct Present {
        uint32 epoch;
        uint256 burned;
        uint256 staked;
        uint256 locked;
        uint256 votes;
        uint256 lockRatioBps;
    }

    /// @notice The directory is missing.
    error SystemLensZeroAddress();

    /// @notice A range of epochs is empty, too long, or reaches beyond the running one.
    /// @param first First epoch asked for.
    /// @param last Last epoch asked for.
    /// @param current Running epoch.
    error SystemLensInvalidRange(uint32 first, uint32 last, uint32 current);

    /// @notice Where the supply is.
    /// @return parts Amounts that add up to the initial supply.
    function supply() external view returns (Supply memory parts);

    /// @notice What the loop did in a range of epochs, and where the system stands.
    /// @dev Reverts with `SystemLensInvalidRange` if `first` is after `last`, `last` after the running epoch, or the range
    /// longer than {MAX_EPOCHS}.
    /// @param first First epoch.
    /// @param last Last epoch.
    /// @param resources Resources whose prices are wanted.
    /// @return epochs One record for each epoch.
    /// @return state Stake, locks and their share of the supply now: what there was of stake and supply at a past second
    /// no contract keeps.
    function loop(
        uint32 first,
        uint32 last,
        uint32[] calldata resources
    ) external view returns (EpochLoop[] memory epochs, Present memory state);

    /// @notice State of the system now.
    /// @return state Amounts.
    function present() external view returns (Present memory state);

    /// @notice Directory of the system.
    function DIRECTORY() external view returns (ISystemDirectory);

    /// @notice Most epochs of one read.
    function MAX_EPOCHS() external view returns (uint32);
}
