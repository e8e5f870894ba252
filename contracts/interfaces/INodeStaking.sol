// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IBoundedParameter} from "./IBoundedParameter.sol";

/// @title INodeStaking
/// @notice Stake of providers: staked, unbonding, and withdrawn.
/// @dev Stake can be slashed until it is withdrawn: first the staked part, then unbonding parts, the latest first. In
/// any {CAP_PERIOD} at most {NODE_CAP_BPS} of a provider's stake and {TOTAL_CAP_BPS} of all stake is slashed. Amounts
/// slashed in the period count as part of the stake. Amounts are OPA wei.
interface INodeStaking is IBoundedParameter {
    /// @notice An unbonding part of a stake.
    /// @param amount OPA wei, net of slashes.
    /// @param readyAt First second at which it can be paid out.
    struct Unbonding {
        uint96 amount;
        uint48 readyAt;
    }

    /// @notice Emitted when a stake grows.
    /// @param provider Provider concerned.
    /// @param payer Account that paid.
    /// @param amount OPA wei added.
    /// @param stake OPA wei staked from now on.
    event StakeAdded(address indexed provider, address indexed payer, uint256 amount, uint256 stake);

    /// @notice Emitted when a part of a stake starts unbonding.
    /// @param provider Provider concerned.
    /// @param amount OPA wei taken from the stake.
    /// @param stake OPA wei that stay staked.
    /// @param readyAt First second at which it can be paid out.
    event UnbondingRequested(address indexed provider, uint256 amount, uint256 stake, uint48 readyAt);

    /// @notice Emitted when stake is paid out.
    /// @param provider Provider paid.
    /// @param amount OPA wei paid.
    event StakeWithdrawn(address indexed provider, uint256 amount);

    /// @notice Emitted when stake is slashed.
    /// @param provider Provider slashed.
    /// @param amount OPA wei sent to the reserve.
    /// @param fromStake Part of it that was staked; the rest was unbonding.
    /// @param demanded OPA wei that would have been slashed without caps.
    event StakeSlashed(address indexed provider, uint256 amount, uint256 fromStake, uint256 demanded);

    /// @notice A module address is zero.
    error NodeStakingZeroAddress();

    /// @notice Less is staked than the categories ask for.
    /// @param provider Provider concerned.
    /// @param stake OPA wei that would be staked.
    /// @param minimum OPA wei asked for.
    error NodeStakingBelowMinimum(address provider, uint256 stake, uint256 minimum);

    /// @notice The amount is zero.
    error NodeStakingZeroAmount();

    /// @notice More is taken out than is staked.
    /// @param provider Provider concerned.
    /// @param amount OPA wei asked for.
    /// @param stake OPA wei staked.
    error NodeStakingInsufficientStake(address provider, uint256 amount, uint256 stake);

    /// @notice The largest number of unbonding parts is reached.
    /// @param provider Provider concerned.
    /// @param maximum Largest number of them.
    error NodeStakingTooManyRequests(address provider, uint256 maximum);

    /// @notice Nothing is ready to be paid out.
    /// @param provider Provider concerned.
    /// @param readyAt First second at which a part is ready, or 0 if nothing is unbonding.
    error NodeStakingNothingReady(address provider, uint48 readyAt);

    /// @notice Nothing can be slashed now: the provider has no stake, or a cap is reached. The call can be repeated
    /// later.
    /// @param provider Provider concerned.
    error NodeStakingNothingToSlash(address provider);

    /// @notice The share is zero or over its bound.
    /// @param bps Share asked for.
    /// @param maximum Largest share.
    error NodeStakingInvalidShare(uint16 bps, uint16 maximum);

    /// @notice Adds to the stake of a provider.
    /// @dev Emits {StakeAdded}. Callable by anyone who has OPA and has approved it; the added stake belongs to the
    /// provider.
    ///
    /// Reverts:
    /// - {INodeRegistry-NodeRegistryUnknownNode} if the provider has not registered.
    /// - {NodeStakingZeroAmount} if the amount is zero.
    /// @param provider Provider to add for.
    /// @param amount OPA wei to add.
    function stake(address provider, uint96 amount) external;

    /// @notice Starts the unbonding of a part of the caller's stake; it can be slashed until it is withdrawn.
    /// @dev Emits {UnbondingRequested}. Callable by the provider alone.
    ///
    /// Reverts:
    /// - {INodeRegistry-NodeRegistryUnknownNode} if the caller has not registered.
    /// - {NodeStakingZeroAmount} if the amount is zero.
    /// - {NodeStakingInsufficientStake} if it is more than is staked.
    /// - {NodeStakingBelowMinimum} if the provider is active and would have less than its categories ask for;
    /// {INodeRegistry-exit} takes everything.
    /// - {NodeStakingTooManyRequests} if {MAX_UNBONDINGS} parts are unbonding, unless the amount is the whole stake,
    /// which joins the last part.
    /// @param amount OPA wei to take out.
    function requestUnbonding(uint96 amount) external;

    /// @notice Pays the ready parts to the provider.
    /// @dev Emits {StakeWithdrawn}. Callable by anyone.
    ///
    /// Reverts:
    /// - {NodeStakingNothingReady} if nothing is ready.
    /// @param provider Provider to pay.
    /// @return amount OPA wei paid.
    function withdraw(address provider) external returns (uint256 amount);

    /// @notice Slashes a share of a provider's whole stake within the caps and sends it to the reserve. A provider
    /// below the minimum stake of its categories stops serving.
    /// @dev Emits {StakeSlashed}, and {INodeRegistry-NodeStatusChanged} if it stops serving.
    ///
    /// Reverts:
    /// - `AccessManagedUnauthorized` if the caller lacks the SLASHER role.
    /// - {NodeStakingInvalidShare} if the share is zero or over {NODE_CAP_BPS}.
    /// - {NodeStakingNothingToSlash} if a cap is reached or nothing is at stake.
    /// @param provider Provider to slash.
    /// @param bps Share in basis points.
    /// @return amount OPA wei slashed.
    function slash(address provider, uint16 bps) external returns (uint256 amount);

    /// @notice Token that is staked.
    function TOKEN() external view returns (IERC20);

    /// @notice Recipient of slashed stake.
    function RESERVE() external view returns (address);

    /// @notice Seconds of unbonding, during which stake can still be slashed.
    function UNBONDING_PERIOD() external view returns (uint48);

    /// @notice Largest share of a provider's stake slashed in any {CAP_PERIOD}.
    function NODE_CAP_BPS() external view returns (uint16);

    /// @notice Largest share of all stake slashed in any {CAP_PERIOD}.
    function TOTAL_CAP_BPS() external view returns (uint16);

    /// @notice Seconds over which the caps count.
    function CAP_PERIOD() external view returns (uint48);

    /// @notice Largest number of unbonding parts of a provider.
    function MAX_UNBONDINGS() external view returns (uint256);

    /// @notice Stake of a provider.
    /// @param provider Provider to look up.
    /// @return staked OPA wei staked.
    /// @return unbonding OPA wei unbonding and not withdrawn.
    function stakeOf(address provider) external view returns (uint256 staked, uint256 unbonding);

    /// @notice OPA wei that can be slashed of a provider now within the caps.
    /// @param provider Provider to look up.
    /// @return amount OPA wei.
    function slashableOf(address provider) external view returns (uint256 amount);

    /// @notice OPA wei that the caps allow to be slashed of a provider per period, amounts slashed in this one
    /// included.
    /// @param provider Provider to look up.
    /// @return amount OPA wei.
    function slashCapOf(address provider) external view returns (uint256 amount);

    /// @notice Unbonding parts of a stake, the earliest first.
    /// @param provider Provider to look up.
    /// @return unbondings The parts.
    function unbondingsOf(address provider) external view returns (Unbonding[] memory unbondings);

    /// @notice Stake of all providers.
    /// @return amount OPA wei, staked and unbonding.
    function totalStake() external view returns (uint256 amount);

    /// @notice Minimum stake of a provider: the sum over its categories.
    /// @param categories Categories, one bit each by {Metering-Category}.
    /// @return amount OPA wei.
    function minimumStakeFor(uint32 categories) external view returns (uint256 amount);

    /// @notice Name of the parameter with the minimum stake of a category.
    /// @param category Number of the {Metering-Category}.
    /// @return parameter Its name for {IBoundedParameter}.
    function minimumStakeParameter(uint8 category) external pure returns (bytes32 parameter);
}
