import { REMEDY, type ErrorTexts } from "./texts.js";

/** Errors of providers: registry, stake, slashing. */
export const NODE_ERRORS: ErrorTexts = {
  "NodeRegistryAlreadyRegistered(address provider)": [
    "{provider} is registered already.",
    "Add to its stake or change its categories instead.",
  ],
  "NodeRegistryGasTooLow(uint256 required)": [
    "The call has to leave {required} gas to tell the Meter.",
    REMEDY.gas,
  ],
  "NodeRegistryInvalidCategories(uint32 categories)": [
    "The mask {categories} names no category, or one that does not exist.",
    "Make the mask with `categoryMask`.",
  ],
  "NodeRegistryInvalidMeter(address account)": [
    "There is no contract at {account}.",
    REMEDY.deployment,
  ],
  "NodeRegistryLengthMismatch(uint256 left, uint256 right)": [
    "One list has {left} entries and the other {right}.",
    REMEDY.lists,
  ],
  "NodeRegistryMetadataTooLong(uint256 length, uint256 maximum)": [
    "The description's address has {length} bytes, and {maximum} are the most.",
    "Give a shorter one.",
  ],
  "NodeRegistryMeterSet(address meter)": [
    "Meter {meter} is connected already.",
    "Nothing is left to do.",
  ],
  "NodeRegistryNominationExpired(address provider, uint48 expiry)": [
    "The nomination by {provider} has lapsed at {expiry:time}.",
    "Have the provider nominate the key again.",
  ],
  "NodeRegistryNotActive(address provider, uint8 status)": [
    "Provider {provider} is {status:provider}.",
    "Activate it first; a provider that has left registers again.",
  ],
  "NodeRegistryNotNominated(address provider, address caller)": [
    "{caller} is not nominated by {provider}.",
    "Have the provider nominate it first.",
  ],
  "NodeRegistryOperatorInUse(address operator, address provider)": [
    "Key {operator} belongs, or belonged, to provider {provider}.",
    "Use a new key.",
  ],
  "NodeRegistryStatusUnchanged(address provider, uint8 status)": [
    "Provider {provider} is {status:provider} already.",
    "Nothing is left to do.",
  ],
  "NodeRegistryTooEarly(address provider, uint48 acceptableAt)": [
    "The key nominated by {provider} can take over at {acceptableAt:time}.",
    REMEDY.wait,
  ],
  "NodeRegistryUnauthorized(address provider, address caller)": [
    "{caller} is neither provider {provider} nor its operator key.",
    "Send the transaction from one of them.",
  ],
  "NodeRegistryUnknownNode(address provider)": [
    "Provider {provider} is not registered.",
    "Register it first, or check the address.",
  ],

  "NodeStakingBelowMinimum(address provider, uint256 stake, uint256 minimum)": [
    "Provider {provider} would have {stake:opa} at stake, and its categories ask for {minimum:opa}.",
    "Stake more, or serve fewer categories.",
  ],
  "NodeStakingInsufficientStake(address provider, uint256 amount, uint256 stake)": [
    "Provider {provider} has {stake:opa} at stake, and {amount:opa} were asked for.",
    "Ask for less.",
  ],
  "NodeStakingInvalidShare(uint16 bps, uint16 maximum)": [
    "A share of {bps:share} is not above zero and up to {maximum:share}.",
    "Choose a share in this range.",
  ],
  "NodeStakingNothingReady(address provider, uint48 readyAt)": [
    "Nothing of provider {provider} can be paid out before {readyAt:time}.",
    "Wait until then, or begin to unbond.",
  ],
  "NodeStakingNothingToSlash(address provider)": [
    "Nothing of provider {provider} can be slashed now: it has no stake, or a cap is reached.",
    "Try again when the cap has refilled.",
  ],
  "NodeStakingTooManyRequests(address provider, uint256 maximum)": [
    "Provider {provider} has {maximum} parts on their way out, which is the most.",
    "Have one paid out first.",
  ],
  "NodeStakingZeroAddress()": ["An address is zero.", REMEDY.address],
  "NodeStakingZeroAmount()": ["The amount is zero.", REMEDY.amount],

  "NodeSlashingCapReached(address provider, uint256 left, uint256 demanded)": [
    "The caps leave {left:opa} of the {demanded:opa} that provider {provider} should lose.",
    "Try again when the caps have refilled.",
  ],
  "NodeSlashingIdenticalReceipts(bytes32 digest)": [
    "Both receipts say the same ({digest}).",
    "Give two receipts that contradict each other.",
  ],
  "NodeSlashingInvalidKey(address provider, address key)": [
    "{key} is no operator key of {provider}, or was retired too long ago.",
    "Give receipts of a key that the provider answers for.",
  ],
  "NodeSlashingInvalidReceipt(address provider, address signer)": [
    "A receipt of provider {provider} is not signed by {signer}.",
    "Check receipts with `isReceiptSigned` first.",
  ],
  "NodeSlashingInvalidShare(uint16 bps, uint16 maximum)": [
    "A share of {bps:share} is not above zero and up to {maximum:share}.",
    "Choose a share in this range.",
  ],
  "NodeSlashingKeySpent(address provider, address key)": [
    "The retired key {key} of {provider} was slashed for before.",
    "Nothing is left to do.",
  ],
  "NodeSlashingNotExecutable(uint256 fault, uint48 opensAt, uint48 closesAt)": [
    "Fault {fault} can be executed from {opensAt:time} until {closesAt:time}.",
    "Come back in this time, or announce it again.",
  ],
  "NodeSlashingUnrelatedReceipts()": [
    "The receipts are of different signers, providers, accounts or requests.",
    "Give two receipts for one request, as `findEquivocation` pairs them.",
  ],
  "NodeSlashingVetoClosed(uint256 fault, uint48 deadline)": [
    "Fault {fault} could be vetoed until {deadline:time}.",
    "Nothing can be done any more.",
  ],
  "NodeSlashingWrongState(uint256 fault, uint8 state)": [
    "Fault {fault} is {state:fault}.",
    "Check its number.",
  ],
  "NodeSlashingZeroAddress()": ["An address is zero.", REMEDY.deployment],
};
