// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ISystemDirectory} from "./ISystemDirectory.sol";

/// @title ISystemLens
/// @notice Reads the system in one call: parts of the supply, and burns and releases by epoch.
/// @dev The supply counts every version of a module in the directory. Locks, votes, stake and prices are those of the
/// current modules. An epoch is read from the vault and from the pool of that epoch. Amounts are OPA wei.
interface ISystemLens is IERC165 {
    /// @notice Parts of the supply. `initial` is exactly the sum of `burned` and of all fields after `total`.
    /// @param initial Supply at the beginning.
    /// @param burned Burned part.
    /// @param total Existing part.
    /// @param unvested Held by the release vault: not vested, or vested and not claimed.
    /// @param pool Held by the incentive vault and its pools, rewards that are not claimed included.
    /// @param reserve Held by the reserve.
    /// @param credit Held as credit for services, reserved or not.
    /// @param staked Held by the node registry, unbonding stake included.
    /// @param locked Held by the governance lock, also after the end of a lock.
    /// @param circulating Held by all other accounts.
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

    /// @notice Burn, release and state of an epoch. Of the running epoch only `burned`, `locked`, `votes` and prices
    /// are known.
    /// @param epoch Its number.
    /// @param burned Burned by settlement.
    /// @param allotment Largest possible release.
    /// @param released Released in it.
    /// @param points Points by category, in the order of {Contribution-Category}.
    /// @param locked In locks at its last second, or now.
    /// @param votes Voting power at its last second, or now.
    /// @param prices Unit price of each requested resource; zero if no longer stored.
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
    /// @param staked Staked or unbonding.
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

    /// @notice Parts of the supply.
    /// @return parts Amounts that add up to the initial supply.
    function supply() external view returns (Supply memory parts);

    /// @notice Burns and releases of a range of epochs, and the present state.
    /// @dev Reverts with `SystemLensInvalidRange` if `first` is after `last`, `last` after the running epoch, or the range
    /// longer than {MAX_EPOCHS}.
    /// @param first First epoch.
    /// @param last Last epoch.
    /// @param resources Resources whose prices are wanted.
    /// @return epochs One record for each epoch.
    /// @return state Stake, locks and their share of the supply now; no contract stores their history.
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
