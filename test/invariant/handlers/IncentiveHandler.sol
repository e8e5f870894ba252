// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Attestations} from "../../../contracts/incentives/Attestations.sol";
import {IncentivePool} from "../../../contracts/incentives/IncentivePool.sol";
import {IAttestations} from "../../../contracts/interfaces/IAttestations.sol";
import {IIncentiveVault} from "../../../contracts/interfaces/IIncentiveVault.sol";
import {IMeter} from "../../../contracts/interfaces/IMeter.sol";
import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {OPAToken} from "../../../contracts/token/OPAToken.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev An adversary with consumers, providers, one of two verifiers, all strangers' calls and the clock, beside an
/// honest consumer and provider. Every round holds each action once; each predicts its result where possible and
/// mirrors its effect.
contract IncentiveHandler is TestBase {
    enum Action {
        Use,
        UseHonestly,
        Warp,
        Wait,
        Close,
        Claim,
        SetPayout,
        ClaimTo,
        ClaimToStake,
        Return,
        Donate,
        Attest,
        Forge
    }

    /// @dev Providers 0 and 1 are the adversary's, 2 is honest.
    uint256 public constant PEOPLE = 3;
    uint256 public constant HONEST = 2;
    uint256 private constant ACTIONS = uint256(type(Action).max) + 1;
    uint256 private constant DISHONEST_VERIFIER = 101;
    uint256 private constant HONEST_VERIFIER = 102;
    uint256 private constant UNIT_POINTS = 10;
    uint32 private constant RESOURCE = 1;
    uint256 private constant PRICE = 3 gwei;
    /// @dev Where the adversary's rewards and attested contributions go.
    address public constant PURSE = address(0xBAD);
    address public constant PAYOUT = address(0x9A1D);
    address public constant GIFTED = address(0x61F7);

    OPAToken private immutable TOKEN;
    IMeter private immutable METER;
    IIncentiveVault private immutable VAULT;
    IncentivePool private immutable POOL;
    Attestations private immutable ATTESTATIONS;

    address[PEOPLE] public providers;
    uint256 private _evidence;
    uint32[] private _epochs;

    uint256 public ghostBurned;
    uint256 public ghostBurnedByAdversary;
    uint256 public ghostClaimed;
    uint256 public ghostReturned;
    uint256 public ghostFunded;
    mapping(address account => uint256 amount) public ghostReceived;
    mapping(address account => uint256 amount) public ghostReturnedOf;
    mapping(address provider => mapping(uint32 epoch => uint256 amount)) public ghostThroughIn;
    mapping(address provider => uint256 amount) public ghostThrough;
    mapping(uint32 epoch => uint256 amount) public ghostBurnedIn;
    mapping(uint32 epoch => uint256 points) public ghostPointsIn;
    mapping(uint32 epoch => IIncentiveVault.Closing closing) private _closings;
    mapping(Action action => uint256 count) public calls;

    constructor(
        OPAToken token,
        IMeter meter,
        IncentivePool pool,
        Attestations attestations,
        address[PEOPLE] memory providers_
    ) {
        TOKEN = token;
        METER = meter;
        VAULT = pool.VAULT();
        POOL = pool;
        ATTESTATIONS = attestations;
        providers = providers_;
        token.approve(address(meter), type(uint256).max);
    }

    /// @dev Takes one action out of the bag of those that this round has left.
    function step(uint256 seed, uint256 amount) external {
        uint256 action = _nextAction(seed, ACTIONS);
        ++calls[Action(action)];
        _act(Action(action), seed >> 8, amount);
        _remember();
    }

    function epochs() external view returns (uint32[] memory list) {
        return _epochs;
    }

    function closingOf(uint32 epoch) external view returns (IIncentiveVault.Closing memory closing) {
        return _closings[epoch];
    }

    /// @dev Everybody who can earn anything.
    function earners() public view returns (address[] memory list) {
        list = new address[](PEOPLE + 1);
        for (uint256 i = 0; i < PEOPLE; ++i) list[i] = providers[i];
        list[PEOPLE] = GIFTED;
    }

    function _act(Action action, uint256 seed, uint256 amount) private {
        if (action == Action.Use) _use(seed % 2 == 0, (seed >> 8) % PEOPLE, amount);
        else if (action == Action.UseHonestly) _use(false, HONEST, amount);
        else if (action == Action.Warp) vm.warp(block.timestamp + _bound(amount, 1, 3 days));
        else if (action == Action.Wait) vm.warp(block.timestamp + _bound(amount, 1, 500 days));
        else if (action == Action.Close) VAULT.close();
        else if (action == Action.Donate) _donate(amount);
        else if (action == Action.Attest) _attest(seed);
        else if (action == Action.Forge) _forge();
        else if (action == Action.SetPayout) _setPayout(seed);
        else _take(action, earners()[seed % (PEOPLE + 1)]);
    }

    function _setPayout(uint256 seed) private {
        address account = earners()[seed % (PEOPLE + 1)];
        vm.prank(account);
        POOL.setPayout((seed >> 8) % 2 == 0 ? PAYOUT : address(0));
    }

    function _use(bool isAdversary, uint256 provider, uint256 amount) private {
        uint256 units = _bound(amount, 1, 1 gwei);
        uint256 burned = units * PRICE;
        uint32 epoch = POOL.currentEpoch();

        METER.deposit(address(this), burned);
        vm.assertEq(_charge(providers[provider], units), burned, "SYS-I7: burned");

        ghostBurned += burned;
        ghostThrough[providers[provider]] += burned;
        ghostThroughIn[providers[provider]][epoch] += burned;
        if (ghostBurnedIn[epoch] == 0) _epochs.push(epoch);
        ghostBurnedIn[epoch] += burned;
        if (isAdversary || provider != HONEST) ghostBurnedByAdversary += burned;
    }

    /// @dev Settles units of a provider, as a holder of METER.
    function _charge(address provider, uint256 units) private returns (uint256 burned) {
        units += METER.lineOf(address(this), provider, RESOURCE).cumulativeUnits;
        Metering.SignedStatement[] memory list = new Metering.SignedStatement[](1);
        uint256[] memory lines = new uint256[](1);
        lines[0] = (uint256(uint160(provider)) << 96) | (uint256(RESOURCE) << 64) | units;
        uint32 epoch = POOL.currentEpoch();
        list[0] = Metering.SignedStatement(address(this), epoch, type(uint48).max, address(this), lines, "");
        return METER.charge(list)[0].burned;
    }

    function _donate(uint256 amount) private {
        amount = _bound(amount, 1, 100 ether);
        TOKEN.transfer(address(VAULT), amount);
        ghostFunded += amount;
    }

    /// @dev INC-I2: a claim pays exactly the claimable amount, once.
    function _take(Action action, address account) private {
        uint256 claimable = POOL.claimableOf(account);
        if (action == Action.ClaimToStake && account == GIFTED) action = Action.ClaimTo;
        if (action == Action.Return && !_isReturnable(account)) action = Action.Claim;
        uint256 taken = _takeAs(action, account);
        vm.assertEq(taken, claimable, "INC-I2: taken");
        if (action == Action.Return) {
            ghostReturned += taken;
            ghostReturnedOf[account] += taken;
        } else {
            ghostClaimed += taken;
            ghostReceived[account] += taken;
        }
        vm.assertEq(POOL.claimableOf(account), 0, "INC-I2: left");
        vm.assertEq(POOL.claim(account), 0, "INC-I2: taken twice");
    }

    function _takeAs(Action action, address account) private returns (uint256 taken) {
        if (action == Action.Claim) return _claim(account);
        if (action == Action.Return) return POOL.returnUnclaimed(account);
        vm.prank(account);
        return action == Action.ClaimTo ? POOL.claimTo(PURSE) : POOL.claimToStake();
    }

    /// @dev INC-I2: a claim pays the payout address that is set, whatever was booked or claimed before.
    function _claim(address account) private returns (uint256 taken) {
        address payout = POOL.payoutOf(account);
        uint256 balance = TOKEN.balanceOf(payout);
        taken = POOL.claim(account);
        vm.assertEq(TOKEN.balanceOf(payout), balance + taken, "INC-I2: payout");
    }

    /// @dev INC-I12: both verifiers sign for real contributions of the adversary's account.
    function _attest(uint256 seed) private {
        IAttestations.Attestation memory attestation = _draft(1 + (seed % 5));
        (address[] memory signers, bytes[] memory signatures) = _sign(attestation, DISHONEST_VERIFIER, HONEST_VERIFIER);
        uint256 points = UNIT_POINTS * attestation.units;
        if (points > ATTESTATIONS.pointsLeft(1, GIFTED)) return;

        try ATTESTATIONS.attest(attestation, signers, signatures) {
            ghostPointsIn[POOL.currentEpoch()] += points;
        } catch {
            // INC-I11: nothing is used up in an epoch that cannot pay.
            vm.assertTrue(!VAULT.isReleasing(), "INC-I11: refused");
            vm.assertTrue(ATTESTATIONS.countedFor(1, attestation.evidence) == 0, "INC-I11: used up");
        }
    }

    /// @dev INC-I12: one verifier alone, signing twice, gets nothing recorded.
    function _forge() private {
        if (ATTESTATIONS.pointsLeft(1, GIFTED) < UNIT_POINTS) return;

        IAttestations.Attestation memory attestation = _draft(1);
        (address[] memory signers, bytes[] memory signatures) = _sign(
            attestation,
            DISHONEST_VERIFIER,
            DISHONEST_VERIFIER
        );
        vm.expectRevert(abi.encodeWithSelector(IAttestations.AttestationsUnorderedSigner.selector, signers[1]));
        ATTESTATIONS.attest(attestation, signers, signatures);
    }

    function _draft(uint256 units) private returns (IAttestations.Attestation memory attestation) {
        uint48 present = uint48(block.timestamp);
        return IAttestations.Attestation(1, 1, GIFTED, uint64(units), bytes32(++_evidence), present, present + 1 days);
    }

    /// @dev Keeps each closing as it was first seen (INC-I3).
    function _remember() private {
        uint32 last = VAULT.lastClosed();
        if (ghostBurnedIn[last] != 0 && _closings[last].burned == 0) _closings[last] = VAULT.closingOf(last);
    }

    function _isReturnable(address account) private view returns (bool returnable) {
        uint256 availableAt = POOL.returnableAt(account);
        uint32 epoch = POOL.currentEpoch();
        bool isActive = POOL.METER().burnedInEpoch() != 0 || ghostPointsIn[epoch] != 0;
        return availableAt != 0 && block.timestamp >= availableAt && !isActive;
    }

    function _sign(
        IAttestations.Attestation memory attestation,
        uint256 left,
        uint256 right
    ) private view returns (address[] memory signers, bytes[] memory signatures) {
        if (vm.addr(left) > vm.addr(right)) (left, right) = (right, left);
        (signers, signatures) = (new address[](2), new bytes[](2));
        bytes32 digest = ATTESTATIONS.hashAttestation(attestation);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 key = i == 0 ? left : right;
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
            (signers[i], signatures[i]) = (vm.addr(key), abi.encodePacked(r, s, v));
        }
    }
}
