// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMeter} from "../../../contracts/interfaces/IMeter.sol";
import {IOrganisations} from "../../../contracts/interfaces/IOrganisations.sol";
import {Metering} from "../../../contracts/interfaces/types/Metering.sol";
import {Settlement} from "../../../contracts/metering/Settlement.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev Lets the admins of one organisation set limits, keys and projects in random order while its keys and the account itself
/// sign statements. Predicts each burn from ghosts. Every ten steps hold each action once. Amounts are gwei.
contract OrganisationHandler is TestBase {
    enum Action {
        LimitOrganisation,
        LimitProject,
        SetKey,
        RevokeKey,
        RevokeProject,
        RevokeAll,
        AddAdmin,
        RemoveAdmin,
        Settle,
        SettleAgain,
        SettleByTheAccount,
        Warp
    }

    /// @dev `left` may still be burned in total.
    struct Limit {
        uint256 epochLimit;
        uint256 left;
        uint256 expiresAt;
    }

    struct Key {
        bool alive;
        uint256 project;
        Limit limit;
    }

    uint256 public constant KEYS = 3;
    uint256 public constant PROJECTS = 2;
    uint256 public constant CANDIDATES = 4; // the account itself is the first one
    uint256 private constant ACTIONS = uint256(type(Action).max) + 1;
    uint256 private constant ACCOUNT_KEY = 0xACC0;
    uint256 private constant PRICE = 3; // of a unit of the resource
    uint256 private constant NO_LIMIT = 2 ** 60 - 1;
    uint256 private constant GWEI = 1 gwei;
    uint32 private constant RESOURCE = 1;

    IMeter private immutable METER;
    Settlement private immutable SETTLEMENT;
    address private immutable PROVIDER;
    address public immutable ACCOUNT;

    address[CANDIDATES] public candidates;
    mapping(address candidate => bool joined) public ghostAdmin;
    uint256 public ghostAdmins = 1;
    uint256 public ghostGeneration;
    Limit public ghostLimit = Limit(NO_LIMIT, NO_LIMIT, type(uint256).max);
    mapping(uint256 project => Limit limit) public ghostProjects;
    mapping(uint256 index => Key key) public ghostKeys;
    mapping(uint256 epoch => uint256 amount) public ghostSpent;
    mapping(uint256 project => mapping(uint256 epoch => uint256 amount)) public ghostProjectSpent;
    mapping(uint256 index => mapping(uint256 generation => mapping(uint256 epoch => uint256 amount)))
        public ghostKeySpent;
    mapping(Action action => uint256 count) public calls;
    uint256 public burns;
    uint256 public refusals;

    constructor(IMeter meter, Settlement settlement, address provider) {
        (METER, SETTLEMENT, PROVIDER) = (meter, settlement, provider);
        ACCOUNT = vm.addr(ACCOUNT_KEY);
        candidates = [ACCOUNT, address(0xA1), address(0xA2), address(0xA3)];
        ghostAdmin[ACCOUNT] = true;
        for (uint256 project = 1; project <= PROJECTS; ++project) {
            ghostProjects[project] = Limit(NO_LIMIT, NO_LIMIT, type(uint32).max);
            vm.prank(ACCOUNT);
            meter.openProject(ACCOUNT, _limitsOf(ghostProjects[project]));
        }
    }

    /// @dev Takes one action out of the bag of those that this round has left.
    function step(uint256 seed, uint256 who, uint256 amount) external {
        Action action = Action(_nextAction(seed, ACTIONS));
        ++calls[action];
        seed >>= 8;
        uint256 index = who % KEYS;
        uint256 project = 1 + ((who >> 8) % PROJECTS);
        if (action == Action.LimitOrganisation) _limitOrganisation(seed);
        else if (action == Action.LimitProject) _limitProject(project, seed);
        else if (action == Action.SetKey) _setKey(index, (who >> 8) % (PROJECTS + 1), seed);
        else if (action == Action.RevokeKey) _revokeKey(index, seed);
        else if (action == Action.RevokeProject) _revokeProject(project);
        else if (action == Action.RevokeAll) _revokeAll();
        else if (action == Action.AddAdmin) _addAdmin(candidates[who % CANDIDATES]);
        else if (action == Action.RemoveAdmin) _removeAdmin(candidates[who % CANDIDATES]);
        else if (action == Action.Warp) vm.warp(block.timestamp + _bound(amount, 1, 2 days));
        else _settle(action == Action.SettleByTheAccount ? KEYS : index, amount);
    }

    function keyOf(uint256 index) public pure returns (address key) {
        return vm.addr(_privateKeyOf(index));
    }

    function epochNow() public view returns (uint256 epoch) {
        return METER.currentEpoch();
    }

    function _limitOrganisation(uint256 seed) private {
        ghostLimit = _randomLimit(seed);
        vm.prank(_admin());
        METER.limitOrganisation(ACCOUNT, _limitsOf(ghostLimit));
    }

    function _limitProject(uint256 project, uint256 seed) private {
        ghostProjects[project] = _randomLimit(seed);
        vm.prank(_admin());
        METER.setProject(ACCOUNT, uint32(project), _limitsOf(ghostProjects[project]));
    }

    function _setKey(uint256 index, uint256 project, uint256 seed) private {
        ghostKeys[index] = Key(true, project, _randomLimit(seed));
        vm.prank(_admin());
        METER.setKey(
            ACCOUNT,
            keyOf(index),
            uint32(project),
            IOrganisations.Role.Spender,
            _limitsOf(ghostKeys[index].limit)
        );
    }

    function _revokeKey(uint256 index, uint256 seed) private {
        if (!ghostKeys[index].alive) _setKey(index, 0, seed);
        ghostKeys[index].alive = false;
        vm.prank(seed % 2 == 0 ? keyOf(index) : _admin());
        METER.revokeKey(ACCOUNT, keyOf(index));
    }

    function _revokeProject(uint256 project) private {
        for (uint256 i = 0; i < KEYS; ++i) if (ghostKeys[i].project == project) ghostKeys[i].alive = false;
        vm.prank(_admin());
        METER.revokeProjectKeys(ACCOUNT, uint32(project));
    }

    function _revokeAll() private {
        for (uint256 i = 0; i < KEYS; ++i) ghostKeys[i].alive = false;
        ++ghostGeneration;
        vm.prank(_admin());
        METER.revokeAllKeys(ACCOUNT);
    }

    function _addAdmin(address candidate) private {
        if (ghostAdmin[candidate]) return;
        if (METER.organisationOf(ACCOUNT).nominee != candidate) {
            vm.prank(_admin());
            METER.nominateAdmin(ACCOUNT, candidate);
        }
        vm.prank(candidate);
        METER.acceptAdmin(ACCOUNT);
        ghostAdmin[candidate] = true;
        ++ghostAdmins;
    }

    function _removeAdmin(address candidate) private {
        if (!ghostAdmin[candidate]) return;
        address caller = _admin();
        if (ghostAdmins == 1) {
            vm.expectRevert(abi.encodeWithSelector(IOrganisations.OrganisationsLastAdmin.selector, ACCOUNT, candidate));
        } else {
            ghostAdmin[candidate] = false;
            --ghostAdmins;
        }
        vm.prank(caller);
        METER.removeAdmin(ACCOUNT, candidate);
    }

    /// @dev A statement by a key, or by the account itself, that burns exactly the limit, one unit more, or any amount.
    function _settle(uint256 index, uint256 random) private {
        uint256 room = _roomOf(index);
        uint256 most = METER.creditOf(ACCOUNT) / GWEI;
        if (most < room) room = most;
        uint256 units = room / PRICE + (random % 4 == 0 ? 1 : 0);
        if (random % 4 > 1) units = 1 + ((random >> 8) % 4_000);
        if (units == 0) units = 1;
        uint256 amount = units * PRICE;
        Metering.Result memory result = SETTLEMENT.settle(_sign(index, units))[0];
        bool isAllowed = amount <= room;
        vm.assertEq(result.burned, isAllowed ? amount * GWEI : 0, "ACC-I2, ACC-I4, ACC-I5: burned");
        if (isAllowed) ++burns;
        else ++refusals;
        if (isAllowed) _count(index, amount);
    }

    function _count(uint256 index, uint256 amount) private {
        uint256 epoch = epochNow();
        ghostSpent[epoch] += amount;
        if (ghostLimit.left != NO_LIMIT) ghostLimit.left -= amount;
        if (index == KEYS) return;
        Key storage key = ghostKeys[index];
        key.limit.left -= amount;
        ghostKeySpent[index][ghostGeneration][epoch] += amount;
        if (key.project == 0) return;
        ghostProjects[key.project].left -= amount;
        ghostProjectSpent[key.project][epoch] += amount;
    }

    /// @dev Amount that the limits leave to a signer now.
    function _roomOf(uint256 index) private view returns (uint256 room) {
        uint256 epoch = epochNow();
        room = _roomIn(ghostLimit, ghostSpent[epoch]);
        if (index == KEYS) return ghostAdmin[ACCOUNT] ? room : 0;
        Key memory key = ghostKeys[index];
        if (!key.alive) return 0;
        uint256 next = _roomIn(key.limit, ghostKeySpent[index][ghostGeneration][epoch]);
        if (next < room) room = next;
        if (key.project == 0) return room;
        next = _roomIn(ghostProjects[key.project], ghostProjectSpent[key.project][epoch]);
        if (next < room) room = next;
    }

    function _roomIn(Limit memory limit, uint256 spent) private view returns (uint256 room) {
        if (block.timestamp > limit.expiresAt || spent >= limit.epochLimit) return 0;
        room = limit.epochLimit - spent;
        return limit.left < room ? limit.left : room;
    }

    function _sign(uint256 index, uint256 units) private view returns (Metering.SignedStatement[] memory list) {
        Metering.Statement memory statement = Metering.Statement({
            account: ACCOUNT,
            priceEpoch: uint32(epochNow()),
            deadline: type(uint48).max,
            lines: new Metering.Line[](1)
        });
        uint256 total = METER.lineOf(ACCOUNT, PROVIDER, RESOURCE).cumulativeUnits + units;
        statement.lines[0] = Metering.Line(PROVIDER, RESOURCE, uint128(total));
        uint256 privateKey = index == KEYS ? ACCOUNT_KEY : _privateKeyOf(index);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, SETTLEMENT.hashStatement(statement));
        uint256[] memory words = new uint256[](1);
        words[0] = (uint256(uint160(PROVIDER)) << 96) | (uint256(RESOURCE) << 64) | total;
        list = new Metering.SignedStatement[](1);
        list[0] = Metering.SignedStatement({
            account: ACCOUNT,
            priceEpoch: statement.priceEpoch,
            deadline: statement.deadline,
            signer: vm.addr(privateKey),
            lines: words,
            signature: abi.encodePacked(r, s, v)
        });
    }

    /// @dev Any of the present admins.
    function _admin() private view returns (address admin) {
        uint256 from = block.timestamp;
        for (uint256 i = 0; i < CANDIDATES; ++i) {
            admin = candidates[(from + i) % CANDIDATES];
            if (ghostAdmin[admin]) return admin;
        }
        revert("ACC-I3: no admin");
    }

    /// @dev Small limits that bind, now and then none, and expiries that pass.
    function _randomLimit(uint256 seed) private view returns (Limit memory limit) {
        limit.epochLimit = seed % 4 == 0 ? NO_LIMIT : 1 + ((seed >> 8) % 20_000);
        limit.left = (seed >> 2) % 4 == 0 ? NO_LIMIT : 1 + ((seed >> 40) % 40_000);
        uint256 latest = METER.GENESIS() + type(uint32).max;
        limit.expiresAt = (seed >> 4) % 3 == 0 ? block.timestamp + 1 + ((seed >> 80) % 3 days) : latest;
    }

    function _limitsOf(Limit memory limit) private pure returns (IOrganisations.Limits memory) {
        return IOrganisations.Limits(limit.epochLimit * GWEI, limit.left * GWEI, uint48(limit.expiresAt), 31);
    }

    function _privateKeyOf(uint256 index) private pure returns (uint256) {
        return 0xB0B + index;
    }
}
