import { REMEDY, type ErrorTexts } from "./texts.js";

/** Errors of decisions: lock, Governor, timelock, reserve, directory, parameters, pauses. */
export const GOVERNANCE_ERRORS: ErrorTexts = {
  "GovernanceLockExists(address account, uint48 end)": [
    "{account} has a lock until {end:time} already.",
    "Add to it or extend it.",
  ],
  "GovernanceLockHoldTooLong(uint48 until, uint48 latest)": [
    "A hold until {until:time} is too long; {latest:time} is the latest.",
    "Hold for a shorter time.",
  ],
  "GovernanceLockInvalidDelegatee(address delegatee)": [
    "Votes cannot be delegated to {delegatee}.",
    "Name somebody, for example yourself.",
  ],
  "GovernanceLockInvalidEnd(uint48 end, uint48 earliest, uint48 latest)": [
    "A lock cannot end at {end:time}; it ends at the beginning of a week, from {earliest:time} to {latest:time}.",
    "Choose such an end; `endRange` of the lock names the bounds.",
  ],
  "GovernanceLockInvalidSignature(address account)": [
    "The signature is not that of {account}.",
    "Sign with the account's own key, with its present nonce.",
  ],
  "GovernanceLockNotRunning(address account, uint48 end)": [
    "{account} has no running lock; its last one ended at {end:time}.",
    "Withdraw what has ended, and lock again.",
  ],
  "GovernanceLockNotWithdrawable(address account, uint48 withdrawableAt)": [
    "The lock of {account} can be withdrawn at {withdrawableAt:time}.",
    REMEDY.wait,
  ],
  "GovernanceLockTooSmall(uint256 amount, uint256 minimum)": [
    "A lock of {amount:opa} is below the least of {minimum:opa}.",
    "Lock more.",
  ],
  "GovernanceLockZeroAddress()": ["An address is zero.", REMEDY.deployment],
  "GovernanceLockZeroAmount()": ["Nothing would be added.", REMEDY.amount],
  "ERC5805FutureLookup(uint256 timepoint, uint48 clock)": [
    "Votes at {timepoint:time} are not known at {clock:time}.",
    "Ask for a time that has passed.",
  ],

  "OPAGovernorFixedTimelock(address timelock)": [
    "The timelock {timelock} cannot be replaced.",
    "Nothing can be done: it holds every right of the system.",
  ],
  "OPAGovernorInvalidStep(bytes32 setting, uint256 newValue, uint256 value)": [
    "{setting:text} would move from {value} to {newValue}: not at all, or by more than half.",
    "Choose a value nearer to the present one.",
  ],
  "OPAGovernorNoRelay(address target)": [
    "The Governor does not call {target}; decisions are carried out by the timelock.",
    "Name the call itself in the proposal.",
  ],
  "OPAGovernorOutOfBounds(bytes32 setting, uint256 newValue, uint256 minimum, uint256 maximum)": [
    "{setting:text} of {newValue} is not between {minimum} and {maximum}.",
    REMEDY.vote,
  ],
  "OPAGovernorTooManyActions(uint256 count, uint256 limit)": [
    "The proposal has {count} actions, and {limit} are the most.",
    "Make several proposals of it.",
  ],
  "OPAGovernorTooSoon(bytes32 setting, uint256 availableAt)": [
    "{setting:text} can change again at {availableAt:time}.",
    REMEDY.wait,
  ],
  "OPAGovernorZeroAddress()": ["An address is zero.", REMEDY.address],

  "SystemTimelockInvalidStep(uint256 newDelay, uint256 delay)": [
    "The delay would move from {delay:span} to {newDelay:span}: not at all, or by more than half.",
    "Choose a delay nearer to the present one.",
  ],
  "SystemTimelockOutOfBounds(uint256 delay, uint256 minimum, uint256 maximum)": [
    "A delay of {delay:span} is not between {minimum:span} and {maximum:span}.",
    "Choose a delay in this range.",
  ],
  "SystemTimelockTooSoon(uint256 availableAt)": [
    "The delay can change again at {availableAt:time}.",
    REMEDY.wait,
  ],

  "SystemReserveGasTooLow(uint256 required)": [
    "The call has to leave {required} gas for the condition.",
    REMEDY.gas,
  ],
  "SystemReserveInvalidAmount(uint256 amount, uint256 cap)": [
    "A draw of {amount:opa} is empty or above {cap:opa}, the most of one draw.",
    "Ask for less.",
  ],
  "SystemReserveInvalidCondition(address condition)": [
    "{condition} does not answer as a condition does, or is registered already.",
    "Name another contract.",
  ],
  "SystemReserveNoReason()": ["The draw has no reason.", "Give a reason."],
  "SystemReserveNotModule(address module)": [
    "{module} is no current module that can give back what it does not use.",
    "Name a module of the directory, such as the incentive vault.",
  ],
  "SystemReserveNotNecessary(address condition, uint48 since, uint48 neededSince)": [
    "Condition {condition} has been true since {since:time}, and should have been since {neededSince:time}.",
    "Keep observing it with `opa observe --send` (in the repository also `npm run observe`), and ask again once it was true for long enough.",
  ],
  "SystemReserveNotPending(uint256 id, uint8 status)": [
    "Draw {id} is {status:draw}.",
    "Check its number.",
  ],
  "SystemReserveTooLate(uint48 latest)": [
    "The decision could be carried out until {latest:time}.",
    "Make a new proposal.",
  ],
  "SystemReserveUnknownCondition(address condition)": [
    "Condition {condition} is not registered.",
    "Name a condition that is.",
  ],
  "SystemReserveWrongTime(uint256 id, uint48 executableAt, uint48 expiresAt)": [
    "Draw {id} can be paid from {executableAt:time} until {expiresAt:time}.",
    "Come back in this time.",
  ],
  "SystemReserveZeroAddress()": ["An address is zero.", REMEDY.deployment],
  "ReserveClientNotPaid(uint256 balance, uint256 needed)": [
    "The module holds {balance:opa}, and {needed:opa} should have arrived.",
    "Execute the draw through the reserve.",
  ],
  "ReserveClientNotReserve(address caller)": [
    "{caller} is not the reserve.",
    "Execute the draw through the reserve.",
  ],
  "StageCapConditionZeroAddress()": ["The vault is missing.", REMEDY.deployment],

  "SystemDirectoryFull(bytes32 id, uint256 limit)": [
    "The directory has no room for {id:text}; {limit} are the most.",
    "Replace a version instead.",
  ],
  "SystemDirectoryListed(address module, bytes32 id)": [
    "{module} is listed as {id:text} already.",
    "Name another module.",
  ],
  "SystemDirectoryUnsupported(address module, bytes4 interfaceId)": [
    "{module} does not support the interface {interfaceId} by ERC-165.",
    "Name a contract that does.",
  ],
  "SystemDirectoryZeroId()": ["The name is empty.", "Give a name."],
  "SystemLensInvalidRange(uint32 first, uint32 last, uint32 current)": [
    "Epochs {first} to {last} are none, too many, or reach beyond the running one, {current}.",
    "Ask for a shorter range that has begun.",
  ],
  "SystemLensZeroAddress()": ["The directory is missing.", REMEDY.deployment],

  "BoundedParameterDefined(bytes32 parameter)": [
    "Parameter {parameter:text} has its bounds already.",
    REMEDY.deployment,
  ],
  "BoundedParameterInvalid(bytes32 parameter, uint256 value, tuple(uint96 minimum, uint96 maximum, uint16 stepBps, uint24 cooldown, uint24 notice) bounds)":
    [
      "The first value {value} of {parameter:text}, or its bounds, make no sense.",
      REMEDY.deployment,
    ],
  "BoundedParameterNothingPending(bytes32 parameter)": [
    "No change of {parameter:text} is announced.",
    "Nothing is left to do.",
  ],
  "BoundedParameterOutOfBounds(bytes32 parameter, uint256 value, uint256 minimum, uint256 maximum)":
    ["{parameter:text} of {value} is not between {minimum} and {maximum}.", REMEDY.vote],
  "BoundedParameterPending(bytes32 parameter, uint32 effectiveEpoch)": [
    "An announced change of {parameter:text} is in force from epoch {effectiveEpoch}.",
    "Announce the next one after that.",
  ],
  "BoundedParameterStepTooLarge(bytes32 parameter, uint256 value, uint256 current, uint256 maximumStep)":
    [
      "{parameter:text} would move from {current} to {value}, and {maximumStep} is the largest step.",
      "Make the change in several steps.",
    ],
  "BoundedParameterTooSoon(bytes32 parameter, uint48 availableAt)": [
    "A change of {parameter:text} can be announced at {availableAt:time}.",
    REMEDY.wait,
  ],
  "BoundedParameterUnchanged(bytes32 parameter, uint256 value)": [
    "{parameter:text} is {value} already.",
    "Choose another value, or leave it.",
  ],
  "BoundedParameterUnknown(bytes32 parameter)": [
    "There is no parameter {parameter:text}.",
    "Check the name.",
  ],

  "GuardedPauseActive(bytes20 reason, uint48 until)": [
    "The module is paused until {until:time} ({reason:text}).",
    "Wait until then; exits and withdrawals work meanwhile.",
  ],
  "GuardedPauseInactive()": ["The module is not paused.", "Nothing is left to do."],
  "GuardedPauseInvalidEnd(uint48 until, uint48 latest)": [
    "A pause until {until:time} is empty or too long; {latest:time} is the latest.",
    "Choose an earlier end.",
  ],
  "GuardedPauseNoReason()": ["The pause has no reason.", "Give a reason of up to 20 bytes."],
  "GuardedPauseTermEnded(address guardian, uint48 expiry)": [
    "{guardian} could pause until {expiry:time}, or never could.",
    "Have governance name a guardian.",
  ],
  "GuardedPauseTooSoon(uint48 pausableAt)": [
    "A guardian can pause the module again at {pausableAt:time}.",
    REMEDY.wait,
  ],
  "EpochClockInvalid(uint48 genesis, uint32 epochDuration)": [
    "A clock from {genesis:time} with epochs of {epochDuration:span} makes no sense.",
    REMEDY.deployment,
  ],
};
