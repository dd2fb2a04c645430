/** Characters that are remembered of a question, and of an answer. */
const MAX_TEXT = 2000;

/** One question and the model's answer to it. */
interface Exchange {
  question: string;
  answer: string;
}

/** The last exchanges of each chat, and the model that it chose; both forgotten where the chat was quiet for longest. */
export interface Memory {
  recall(chat: string): readonly Exchange[];
  keep(chat: string, exchange: Exchange): void;
  forget(chat: string): void;
  model(chat: string): string | undefined;
  choose(chat: string, model: string): void;
}

interface Chat {
  exchanges: Exchange[];
  model?: string;
}

/**
 * @param chats that are remembered at the most
 * @param depth exchanges of each
 */
export function createMemory(chats = 500, depth = 6): Memory {
  const byId = new Map<string, Chat>();

  function touch(id: string): Chat {
    const chat = byId.get(id) ?? { exchanges: [] };
    byId.delete(id);
    byId.set(id, chat);
    for (const oldest of byId.keys()) {
      if (byId.size <= chats) break;
      byId.delete(oldest);
    }
    return chat;
  }

  return {
    recall: (id) => byId.get(id)?.exchanges ?? [],
    keep(id, { question, answer }) {
      const chat = touch(id);
      const exchange = { question: question.slice(0, MAX_TEXT), answer: answer.slice(0, MAX_TEXT) };
      chat.exchanges = [...chat.exchanges, exchange].slice(-depth);
    },
    forget: (id) => {
      touch(id).exchanges = [];
    },
    model: (id) => byId.get(id)?.model,
    choose: (id, model) => {
      touch(id).model = model;
    },
  };
}
