import { REMEDY, type ErrorTexts } from "./texts.js";

/** Errors of the Meter, its extension, the settlement and the registry of resources. */
export const METERING_ERRORS: ErrorTexts = {
  "MeterBookUnchanged(address book)": [
    "{book} books the epochs already.",
    "Name another book, or leave it.",
  ],
  "MeterFractionalAmount(uint256 amount)": [
    "A reservation is whole gwei, and {amount} wei are not.",
    "Round the amount to a multiple of 1,000,000,000 wei.",
  ],
  "MeterGasTooLow(uint256 required)": [
    "The call has to leave {required} gas for booking an epoch.",
    REMEDY.gas,
  ],
  "MeterInsufficientCredit(address account, uint256 amount, uint256 available)": [
    "Account {account} has {available:opa} of free credit, and {amount:opa} were asked for.",
    "Deposit OPA for the account, wait until reservations are released, or ask for less.",
  ],
  "MeterInvalidAccount(address account)": [
    "Credit for {account} could never be used.",
    "Name an account that is neither zero nor the Meter.",
  ],
  "MeterInvalidBook(address book)": [
    "There is no contract at {book}.",
    "Name the address of an incentive pool.",
  ],
  "MeterInvalidData(uint256 length)": [
    "The data of the transfer has {length} bytes, and an account has 32.",
    "Send no data, or the account as 32 bytes.",
  ],
  "MeterInvalidGrace(uint32 claimGrace, uint32 minimum, uint32 maximum)": [
    "A claim grace of {claimGrace:span} is not between {minimum:span} and {maximum:span}.",
    REMEDY.deployment,
  ],
  "MeterInvalidLimits(tuple(uint96 account, uint96 total) limits)": [
    "The burn limits are zero, not whole gwei, or that of all accounts is below that of one.",
    REMEDY.deployment,
  ],
  "MeterInvalidProvider(address provider, uint32 categories)": [
    "Provider {provider} cannot serve the categories {categories}.",
    "Name at least one category, and only those that exist.",
  ],
  "MeterInvalidRecipient(address recipient)": [
    "OPA sent to {recipient} would be lost.",
    "Name a recipient that is neither zero nor the Meter.",
  ],
  "MeterInvalidReservationEnd(uint48 until, uint256 earliest, uint256 latest)": [
    "A reservation cannot end at {until:time}; it can end from {earliest:time} to {latest:time}.",
    "Choose an end in this range.",
  ],
  "MeterInvalidWindow(uint32 window, uint32 maximum)": [
    "A settlement window of {window} epochs is not between 1 and {maximum}.",
    REMEDY.deployment,
  ],
  "MeterLengthMismatch(uint256 left, uint256 right)": [
    "One list has {left} entries and the other {right}.",
    REMEDY.lists,
  ],
  "MeterNoReservation(address account, address provider)": [
    "Account {account} has no reservation for provider {provider}.",
    "Check both addresses; a reservation that is used up is gone.",
  ],
  "MeterNotToken(address caller)": [
    "{caller} is not the OPA token, which alone announces transfers.",
    "Send OPA with `transferAndCall` of the token.",
  ],
  "MeterReservationActive(address account, address provider, uint256 releasableAt)": [
    "The reservation of {account} for {provider} serves its provider until {releasableAt:time}.",
    "Wait until then, or ask the provider to release it.",
  ],
  "MeterSignerFixed(address account, address provider, address signer, address present)": [
    "The reservation of {account} for {provider} has the signer {present}, so {signer} cannot take its place.",
    "Add to it with the present signer, or reserve again after it was released.",
  ],
  "MeterTierTooLow(address account, uint256 tier, uint256 kept)": [
    "The reservation keeps tier {kept}, and account {account} has tier {tier} now, so it can neither grow nor last longer.",
    "Wait until the account has the tier again, or reserve anew after the reservation has ended.",
  ],
  "MeterTooManyReservations(address account, uint256 maximum)": [
    "Account {account} has {maximum} reservations, which is the most.",
    "Release a reservation that has ended.",
  ],
  "MeterZeroAddress()": ["An address is zero.", REMEDY.address],
  "MeterZeroAmount()": ["The amount is zero.", REMEDY.amount],
  "MeterZeroExtension()": ["The extension of the Meter is missing.", REMEDY.deployment],

  "OrganisationsInvalidCategories(uint32 categories, uint32 known)": [
    "The limits allow the categories {categories}, and {known} is the mask of all there are.",
    "Allow at least one category that exists, with `categoryMask`.",
  ],
  "OrganisationsInvalidExpiry(uint48 expiresAt, uint256 earliest, uint256 latest)": [
    "An expiry of {expiresAt:time} is not between {earliest:time} and {latest:time}.",
    "Choose an expiry in this range.",
  ],
  "OrganisationsInvalidKey(address key)": [
    "{key} cannot be a key: it is zero or the account itself.",
    "Name the address of another key.",
  ],
  "OrganisationsInvalidLimit(uint256 limit, uint256 maximum)": [
    "A limit of {limit:opa} is not a whole number of gwei between 1 gwei and {maximum:opa}.",
    "Choose another limit.",
  ],
  "OrganisationsInvalidNominee(address account, address nominee)": [
    "{nominee} cannot be nominated for {account}: it is an admin or nominated already, or cannot act.",
    "Nominate another address.",
  ],
  "OrganisationsInvalidRole(uint8 role, uint32 project)": [
    "A key of project {project} cannot have the role {role:role}.",
    "Give a key a role, and a manager a project.",
  ],
  "OrganisationsLastAdmin(address account, address admin)": [
    "{admin} is the last admin of {account} and cannot leave.",
    "Nominate another admin first.",
  ],
  "OrganisationsNotAdmin(address account, address caller)": [
    "{caller} is no admin of account {account}.",
    "Send the transaction from an admin; at first that is the account itself.",
  ],
  "OrganisationsNotManager(address account, uint32 project, address caller)": [
    "{caller} may not do this in project {project} of account {account}.",
    "Send the transaction from an admin of the account, or from a manager of the project.",
  ],
  "OrganisationsNotNominee(address account, address caller)": [
    "{caller} is not nominated for account {account}.",
    "Have an admin nominate it first.",
  ],
  "OrganisationsTooManyAdmins(address account, uint256 maximum)": [
    "Account {account} has {maximum} admins, which is the most.",
    "Have an admin leave first.",
  ],
  "OrganisationsTooManyProjects(address account, uint256 maximum)": [
    "Account {account} has used up its {maximum} projects.",
    "Use another account.",
  ],
  "OrganisationsUnknownKey(address account, address key)": [
    "{key} is no key of account {account}.",
    "Check both addresses; a key that was revoked has no rights left.",
  ],
  "OrganisationsUnknownProject(address account, uint32 project)": [
    "Account {account} has no project {project}.",
    "Open the project first, or check its number.",
  ],

  "AccessPolicyExpired(address account, uint48 expiresAt)": [
    "The grant to {account} would be over at once, at {expiresAt:time}.",
    "Choose an expiry in the future.",
  ],
  "AccessPolicyInvalidGrant(address account, uint8 tier, uint8 maximum)": [
    "Tier {tier} cannot be granted to {account}; the highest is {maximum}.",
    "Name an account and a tier that exists.",
  ],
  "AccessPolicyInvalidScore(address source)": [
    "{source} is no source of scores: it has no code or is named twice.",
    "Name each incentive pool once.",
  ],
  "AccessPolicyTooManyScores(uint256 count, uint256 maximum)": [
    "There are {count} sources of scores, and {maximum} are the most.",
    "Leave pools out whose scores have decayed.",
  ],
  "AccessTiersGasTooLow(uint256 required)": [
    "The call has to leave {required} gas for the access policy.",
    REMEDY.gas,
  ],
  "AccessTiersInvalidPolicy(address policy)": [
    "{policy} does not say that it is an access policy.",
    "Name a contract that supports the interface by ERC-165.",
  ],
  "AccessTiersPolicyRegistered(address policy)": [
    "Access policy {policy} is registered already.",
    "Choose it, or register another.",
  ],
  "AccessTiersPolicyUnchanged(address policy)": [
    "Access policy {policy} is chosen already.",
    "Choose another, or leave it.",
  ],
  "AccessTiersPolicyUnknown(address policy)": [
    "Access policy {policy} is not registered.",
    "Register it first.",
  ],

  "SettlementEmpty()": ["No statement was given.", "Give at least one statement."],
  "SettlementZeroAddress()": ["The address of the Meter is zero.", REMEDY.deployment],

  "ResourceRegistryForeignMeter(address meter)": [
    "Meter {meter} takes its prices from another registry.",
    REMEDY.deployment,
  ],
  "ResourceRegistryFull(uint256 maximum)": [
    "There are {maximum} resources, which is the most.",
    "Use a resource that exists.",
  ],
  "ResourceRegistryGasTooLow(uint256 required)": [
    "The call has to leave {required} gas for a price policy.",
    REMEDY.gas,
  ],
  "ResourceRegistryInexactMultiplier(uint32 parentWeight, uint32 multiplierBps)": [
    "{parentWeight} compute units times {multiplierBps:share} are no whole number.",
    "Choose a multiplier that gives whole compute units.",
  ],
  "ResourceRegistryInvalidPolicy(address policy)": [
    "{policy} does not say that it is a price policy.",
    "Name a contract that supports the interface by ERC-165.",
  ],
  "ResourceRegistryInvalidRate(uint256 rate, uint256 floor, uint256 ceiling)": [
    "A rate of {rate} wei does not fit a floor of {floor} wei and a ceiling of {ceiling} wei.",
    "Choose whole gwei with floor ≤ rate ≤ ceiling.",
  ],
  "ResourceRegistryInvalidTier(uint8 minimumTier, uint8 maximum)": [
    "There is no tier {minimumTier}; the highest is {maximum}.",
    "Choose a tier that exists.",
  ],
  "ResourceRegistryInvalidWeight(uint256 weight)": [
    "A weight of {weight} compute units is zero or does not fit 32 bits.",
    "Choose another weight.",
  ],
  "ResourceRegistryLengthMismatch(uint256 left, uint256 right)": [
    "One list has {left} entries and the other {right}.",
    REMEDY.lists,
  ],
  "ResourceRegistryMeterSet(address meter)": [
    "Meter {meter} is connected already.",
    "Nothing is left to do.",
  ],
  "ResourceRegistryNoPrice(uint32 resource, uint32 epoch)": [
    "Resource {resource} has no price in epoch {epoch}.",
    "Ask for an epoch after its registration and before its retirement; prices of old epochs are in the event PricesFixed.",
  ],
  "ResourceRegistryNoTarget(uint32 resource)": [
    "Resource {resource} has no target that a price policy could move the rate towards.",
    "Set its target first.",
  ],
  "ResourceRegistryPolicyPending(uint32 resource, uint32 effectiveEpoch)": [
    "The price policy chosen for resource {resource} is in force from epoch {effectiveEpoch}.",
    "Choose again from that epoch on.",
  ],
  "ResourceRegistryPolicyRegistered(address policy, uint16 id)": [
    "Price policy {policy} is registered as number {id}.",
    "Use this number.",
  ],
  "ResourceRegistryPolicyTooSoon(uint32 resource, uint48 availableAt)": [
    "A price policy for resource {resource} can be chosen again at {availableAt:time}.",
    REMEDY.wait,
  ],
  "ResourceRegistryPolicyUnchanged(uint32 resource, uint16 policy)": [
    "Resource {resource} follows price policy {policy} already.",
    "Choose another, or leave it.",
  ],
  "ResourceRegistryUnevenRate(uint256 rate)": [
    "A rate of {rate} wei is no whole number of gwei.",
    "Round it to a multiple of 1,000,000,000 wei.",
  ],
  "ResourceRegistryUnknownPolicy(uint16 policy)": [
    "There is no price policy {policy}.",
    "Register it first, or check the number.",
  ],
  "ResourceRegistryUnknownResource(uint32 resource)": [
    "There is no resource {resource}.",
    "Check the number; resources are numbered from 1.",
  ],
  "ResourceRegistryUnnamed()": ["A resource needs a name and a unit.", "Give both."],
  "ResourceRegistryWrongState(uint32 resource, uint8 state)": [
    "Resource {resource} is {state:resource}, and this step does not start from there.",
    "Active resources are deprecated first, and deprecated ones retired or restored.",
  ],
};
