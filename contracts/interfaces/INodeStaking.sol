// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IBoundedParameter} from "./IBoundedParameter.sol";

/// @title INodeStaking
/// @notice What providers have at stake: staked, on its way out, and paid out.
/// @dev Stake can be slashed until it is paid out, also while it is on its way out: what is staked first, then the part that is
/// ready last. In any {CAP_PERIOD} no more is slashed than {NODE_CAP_BPS} of a provider's and {TOTAL_CAP_BPS} of all stake, where
/// what was slashed in the period counts as if it still were at stake. Amounts are OPA wei.
interface INodeStaking is IBoundedParameter {
    /// @notice A part of a stake on its way out.
    /// @param amount OPA wei, less what was slashed of it.
    /// @param readyAt First second at which it can be paid out.
    struct Unbonding {
        uint96 amount;
        uint48 readyAt;
    }

    /// @notice Emitted when a stake grows.
    /// @param provider Provider concerned.
    /// @param payer Who paid.
    /// @param amount OPA wei added.
    /// @param stake OPA wei staked from now on.
    event StakeAdded(address indexed provider, address indexed payer, uint256 amount, uint256 stake);

    /// @notice Emitted when a part of a stake is on its way out.
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
    /// @param fromStake Part of it that was staked; the rest was on its way out.
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

    /// @notice As many parts as allowed are on their way out.
    /// @param provider Provider concerned.
    /// @param maximum Largest number of them.
    error NodeStakingTooManyRequests(address provider, uint256 maximum);

    /// @notice Nothing is ready to be paid out.
    /// @param provider Provider concerned.
    /// @param readyAt First second at which something is, or 0 if nothing is on its way.
    error NodeStakingNothingReady(address provider, uint48 readyAt);

    /// @notice Nothing is left to slash now: the provider has nothing at stake, or a cap is reached. It can be tried again later.
    /// @param provider Provider concerned.
    error NodeStakingNothingToSlash(address provider);

    /// @notice The share is zero or over its bound.
    /// @param bps Share asked for.
    /// @param maximum Largest share.
    error NodeStakingInvalidShare(uint16 bps, uint16 maximum);

    /// @notice Adds to the stake of a provider.
    /// @dev Emits {StakeAdded}. Callable by anyone who has OPA and has approved it; what is added belongs to the provider.
    ///
    /// Reverts:
    /// - {INodeRegistry-NodeRegistryUnknownNode} if the provider has not registered.
    /// - {NodeStakingZeroAmount} if the amount is zero.
    /// @param provider Provider to add for.
    /// @param amount OPA wei to add.
    function stake(address provider, uint96 amount) external;

    /// @notice Sends a part of the caller's stake on its way out; it can be slashed until it is paid out.
    /// @dev Emits {UnbondingRequested}. Callable by the provider alone.
    ///
    /// Reverts:
    /// - {INodeRegistry-NodeRegistryUnknownNode} if the caller has not registered.
    /// - {NodeStakingZeroAmount} if the amount is zero.
    /// - {NodeStakingInsufficientStake} if it is more than is staked.
    /// - {NodeStakingBelowMinimum} if the provider is active and would have less than its categories ask for;
    /// {INodeRegistry-exit} takes everything.
    /// - {NodeStakingTooManyRequests} if {MAX_UNBONDINGS} parts are on their way, unless it is all that is left, which
    /// joins the last.
    /// @param amount OPA wei to take out.
    function requestUnbonding(uint96 amount) external;

    /// @notice Pays out what is ready, to the provider.
    /// @dev Emits {StakeWithdrawn}. Callable by anyone.
    ///
    /// Reverts:
    /// - {NodeStakingNothingReady} if nothing is ready.
    /// @param provider Provider to pay.
    /// @return amount OPA wei paid.
    function withdraw(address provider) external returns (uint256 amount);

    /// @notice Slashes a share of all that a provider has at stake, as far as the caps allow, and sends it to the reserve.
    /// A provider that is left with less than its categories ask for stops serving.
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

    /// @notice Where slashed stake goes.
    function RESERVE() external view returns (address);

    /// @notice Seconds that stake is on its way out, and can still be slashed.
    function UNBONDING_PERIOD() external view returns (uint48);

    /// @notice Largest share of a provider's stake slashed in any {CAP_PERIOD}.
    function NODE_CAP_BPS() external view returns (uint16);

    /// @notice Largest share of all stake slashed in any {CAP_PERIOD}.
    function TOTAL_CAP_BPS() external view returns (uint16);

    /// @notice Seconds over which the caps count.
    function CAP_PERIOD() external view returns (uint48);

    /// @notice Largest number of parts on their way out at once.
    function MAX_UNBONDINGS() external view returns (uint256);

    /// @notice What a provider has at stake.
    /// @param provider Provider to look up.
    /// @return staked OPA wei staked.
    /// @return unbonding OPA wei on their way out and not paid out.
    function stakeOf(address provider) external view returns (uint256 staked, uint256 unbonding);

    /// @notice OPA wei that the caps leave to be slashed of a provider now.
    /// @param provider Provider to look up.
    /// @return amount OPA wei.
    function slashableOf(address provider) external view returns (uint256 amount);

    /// @notice OPA wei that the caps allow to be slashed of a provider in a period, what was slashed in this one included.
    /// @param provider Provider to look up.
    /// @return amount OPA wei.
    function slashCapOf(address provider) external view returns (uint256 amount);

    /// @notice Parts of a stake on their way out, the earliest first.
    /// @param provider Provider to look up.
    /// @return unbondings The parts.
    function unbondingsOf(address provider) external view returns (Unbonding[] memory unbondings);

    /// @notice What all providers have at stake.
    /// @return amount OPA wei, staked and on their way out.
    function totalStake() external view returns (uint256 amount);

    /// @notice What a provider of some categories has to have staked: the sum of what each asks for.
    /// @param categories Categories, one bit each by {Metering-Category}.
    /// @return amount OPA wei.
    function minimumStakeFor(uint32 categories) external view returns (uint256 amount);

    /// @notice Name of the parameter that says what a category asks for.
    /// @param category Number of the {Metering-Category}.
    /// @return parameter Its name for {IBoundedParameter}.
    function minimumStakeParameter(uint8 category) external pure returns (bytes32 parameter);
}
