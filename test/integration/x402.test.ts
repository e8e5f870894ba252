import { x402Client } from "@x402/core/client";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { expect } from "chai";
import { id } from "ethers";
import { network } from "hardhat";
import { privateKeyToAccount } from "viem/accounts";

import { OPA } from "../../sdk/index.js";
import { deploySettling } from "../support/metering.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const NETWORK = "eip155:31337";
const SELLER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const PRICE = OPA / 4n;

async function fixture() {
  const { token, alice } = await deploySettling(connection);
  const payer = privateKeyToAccount(id("payer of x402") as `0x${string}`);
  await token.connect(alice).transfer(payer.address, OPA);
  const [, name, version] = await token.eip712Domain();
  const asset = await token.getAddress();
  const required = {
    x402Version: 2,
    resource: { url: "https://seller.example/report", description: "", mimeType: "text/plain" },
    accepts: [
      {
        ...{ scheme: "exact", network: NETWORK, asset, amount: `${PRICE}`, payTo: SELLER },
        ...{ maxTimeoutSeconds: 300, extra: { name, version } },
      },
    ],
  } as const;
  return { token, payer, asset, required };
}

/** A client of x402 that pays with an account, within the given spend controls. */
function clientOf(
  payer: ReturnType<typeof privateKeyToAccount>,
  spendControls?: { allowedAssets: { network: typeof NETWORK; asset: string }[] },
) {
  return x402Client.fromConfig({
    schemes: [{ network: NETWORK, client: new ExactEvmScheme(payer) }],
    ...(spendControls && { spendControls }),
  });
}

async function payloadOf(client: x402Client, required: unknown) {
  const made = await client.createPaymentPayload(
    required as Parameters<typeof client.createPaymentPayload>[0],
  );
  return made.payload as unknown as {
    signature: string;
    authorization: Record<"from" | "to" | "value" | "validAfter" | "validBefore" | "nonce", string>;
  };
}

describe("x402 client (TOK-3, M11)", function () {
  it("pays in OPA once the token is among its allowed assets, without a transaction of the payer", async function () {
    const { token, payer, asset, required } = await networkHelpers.loadFixture(fixture);
    const client = clientOf(payer, { allowedAssets: [{ network: NETWORK, asset }] });

    const { authorization, signature } = await payloadOf(client, required);
    const { from, to, value, validAfter, validBefore, nonce } = authorization;
    const { v, r, s } = ethers.Signature.from(signature);
    const paid = token.getFunction(
      "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)",
    )(from, to, value, validAfter, validBefore, nonce, v, r, s);

    await expect(paid).to.changeTokenBalances(ethers, token, [from, SELLER], [-PRICE, PRICE]);
    expect(from).to.equal(payer.address);
    expect(await ethers.provider.getTransactionCount(payer.address)).to.equal(0);
  });

  it("refuses the token out of the box, since it pays in its default assets alone", async function () {
    const { payer, required } = await networkHelpers.loadFixture(fixture);

    const refused = await payloadOf(clientOf(payer), required).then(
      () => "it pays",
      (error: unknown) => (error as Error).message,
    );

    expect(refused).to.match(/spendControls/);
  });
});
