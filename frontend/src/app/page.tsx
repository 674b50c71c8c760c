import { ChatApp } from "../chat/ChatApp";

export default function ChatPage() {
  return <ChatApp />;
}
