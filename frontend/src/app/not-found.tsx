import styles from "../ui/splash.module.css";

export default function NotFound() {
  return (
    <main className={styles.page}>
      <h1 className={styles.name}>There is nothing here</h1>
      <p className={styles.note}>The address may be mistyped. <a href="/">Back to the chat</a></p>
    </main>
  );
}
