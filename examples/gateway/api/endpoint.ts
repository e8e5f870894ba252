import type { Answer, Asked, Call, Delivery } from "./call.js";
import { chatStream, readChat, renderChat, type StreamHead } from "./chat.js";
import { readEmbeddings, renderEmbeddings } from "./embeddings.js";
import { readResponses, renderResponse, ResponseStream } from "./responses.js";

/** Events of one streamed answer, in three steps. */
export interface AnswerStream {
  begin(head: StreamHead, delivery: Delivery): string[];
  text(head: StreamHead, delivery: Delivery, text: string): string[];
  end(head: StreamHead, delivery: Delivery, answer: Answer): string[];
}

/** One way to ask: how a body is read, and how an answer is written. */
export interface Endpoint {
  readonly path: string;
  /** @throws {Refusal} if the body is not served. */
  read(body: unknown): Asked;
  render(answer: Answer, delivery: Delivery): object;
  /** Undefined if answers are never streamed. */
  readonly stream: (() => AnswerStream) | undefined;
}

/** The endpoints of OpenAI's interface that are served. */
export const ENDPOINTS: Readonly<Record<Call["endpoint"], Endpoint>> = {
  chat: {
    path: "/v1/chat/completions",
    read: readChat,
    render: renderChat,
    stream: () => chatStream,
  },
  responses: {
    path: "/v1/responses",
    read: readResponses,
    render: renderResponse,
    stream: () => new ResponseStream(),
  },
  embeddings: {
    path: "/v1/embeddings",
    read: readEmbeddings,
    render: renderEmbeddings,
    stream: undefined,
  },
};
