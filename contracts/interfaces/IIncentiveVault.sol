// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IBoundedParameter} from "./IBoundedParameter.sol";
import {IEpochClock} from "./IEpochClock.sol";
import {IMeter} from "./IMeter.sol";
import {IOPAToken} from "./IOPAToken.sol";
import {IReserveClient} from "./IReserveClient.sol";

/// @title IIncentiveVault
/// @notice Holds the incentive OPA and fixes the release of each epoch. It is never replaced, and no role can move its OPA.
/// @dev Each finished epoch with use is closed once, by anyone, at constant cost:
///
/// `allotment = min(stage cap + open draws, κ × burned, room)`, where
/// - stage cap: own funds × stage rate of the epoch; own funds are the balance minus draws;
/// - open draws: amounts of the reserve whose term was not over when the epoch began;
/// - room: {MAX_KAPPA_BPS} of all OPA ever burned, minus all OPA ever released.
///
/// The distributor of the epoch ({IMeter-bookOf}) states the demand of the contributors. The vault pays it, at most the
/// allotment. Draws pay the same share of the release as of the allotment, the oldest draw first. So own funds release
/// as much as without a draw. The rest of a draw returns to the reserve after {DRAW_TERM}. The epoch of the deployment
/// releases nothing. Stage cap and allotment are rounded down to whole gwei; the release is the demand rounded up to them.
///
/// A donation is a plain transfer. It raises the stage cap of the epochs that are closed later.
interface IIncentiveVault is IBoundedParameter, IEpochClock, IReserveClient {
    /// @notice A stage of the release schedule.
    /// @param from Epochs after {START_EPOCH} at which it begins.
    /// @param ratePpm Millionths of the own funds that one epoch can release.
    struct Stage {
        uint16 from;
        uint16 ratePpm;
    }

    /// @notice A closed epoch. Amounts are OPA wei, in whole gwei.
    /// @param burned Burned by settlement.
    /// @param kappaBps κ in force, in basis points.
    /// @param allotment Largest release.
    /// @param released Amount released.
    /// @param stageCap Stage cap.
    struct Closing {
        uint96 burned;
        uint16 kappaBps;
        uint96 allotment;
        uint96 released;
        uint96 stageCap;
    }

    /// @notice State of the vault, as if all finished epochs were closed. Amounts are OPA wei.
    /// @param own Balance without draws.
    /// @param drawn Unused part of draws.
    /// @param released Total ever released.
    /// @param room Largest amount that can still be released without further burning.
    struct Funds {
        uint256 own;
        uint256 drawn;
        uint256 released;
        uint256 room;
    }

    /// @notice Emitted when an epoch is closed. Amounts are OPA wei.
    /// @param epoch Number of the epoch.
    /// @param distributor Recipient of the release, zero if there is none.
    /// @param burned Burned by settlement.
    /// @param kappaBps κ in force, in basis points.
    /// @param stageCap Stage cap.
    /// @param allotment Largest release.
    /// @param released Amount released.
    /// @param fromDraws Part of the release paid from draws.
    event EpochClosed(
        uint32 indexed epoch,
        address indexed distributor,
        uint256 burned,
        uint256 kappaBps,
        uint256 stageCap,
        uint256 allotment,
        uint256 released,
        uint256 fromDraws
    );

    /// @notice A module address is zero.
    error IncentiveVaultZeroAddress();

    /// @notice The stages are none or too many, begin late, overlap, fall by more than half, or release nothing or over 1%.
    /// @param index Index of the first invalid stage.
    error IncentiveVaultInvalidStages(uint256 index);

    /// @notice The call leaves too little gas for the distributor.
    /// @param required Gas that must be left.
    error IncentiveVaultGasTooLow(uint256 required);

    /// @notice Closes the last finished epoch with use if it is open, pays its release, and returns expired draws.
    /// @dev Emits {EpochClosed} and {IReserveClient-DrawReturned} if it does so. Callable by anyone; repeated calls
    /// have no effect.
    ///
    /// Reverts:
    /// - {IncentiveVaultGasTooLow} if too little gas is left for the distributor.
    function close() external;

    /// @notice Token that is released.
    function TOKEN() external view returns (IOPAToken);

    /// @notice Meter that counts use and names the distributor of each epoch.
    function METER() external view returns (IMeter);

    /// @notice Reserve whose draws the vault accepts.
    function RESERVE() external view returns (address);

    /// @notice Epoch of the deployment; the next one is the first that can release.
    function START_EPOCH() external view returns (uint32);

    /// @notice Name of κ among the parameters; its unit is basis points.
    function KAPPA() external view returns (bytes32);

    /// @notice Largest κ, and largest share of all burned OPA that is ever released, in basis points.
    function MAX_KAPPA_BPS() external view returns (uint16);

    /// @notice Seconds after which the unused rest of a draw returns to the reserve.
    function DRAW_TERM() external view returns (uint48);

    /// @notice Gas for the call of a distributor.
    function DISTRIBUTOR_GAS() external view returns (uint256);

    /// @notice An epoch that is closed and was distributed by a contract.
    /// @param distributor Book of the epoch.
    /// @param epoch Number of the epoch.
    /// @return burned OPA wei burned by settlement, zero if the epoch is not closed or another contract distributed it.
    /// @return allotment Largest release in OPA wei.
    function closedFor(address distributor, uint32 epoch) external view returns (uint256 burned, uint256 allotment);

    /// @notice A finished epoch, as if it were closed.
    /// @param epoch Number of the epoch.
    /// @return closing All zero if nothing was burned in it, or if it was not closed before a later epoch with use was over.
    function closingOf(uint32 epoch) external view returns (Closing memory closing);

    /// @notice Last closed epoch, {START_EPOCH} before the first one.
    /// @return epoch Number of the epoch.
    function lastClosed() external view returns (uint32 epoch);

    /// @notice Whether the running epoch will release anything if a category has contributors.
    /// @return releasing False while κ × burned of the epoch is below one gwei or there is nothing to release.
    function isReleasing() external view returns (bool releasing);

    /// @notice State of the vault.
    /// @return funds Amounts.
    function fundsOf() external view returns (Funds memory funds);

    /// @notice Release schedule; the last stage never ends.
    /// @return stages Stages in order.
    function schedule() external view returns (Stage[] memory stages);

    /// @notice Share of the own funds that an epoch can release.
    /// @param epoch Number of the epoch.
    /// @return ratePpm Millionths.
    function rateOf(uint32 epoch) external view returns (uint256 ratePpm);
}
