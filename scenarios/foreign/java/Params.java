// Params.java — what the user asked of the experiment, from the words KEY=VALUE of the command line.
package vtlab;

record Params(String scenario, boolean virtual, int tasks, int carriers, long delayNs, long seed, Pin pin,
        boolean runtimeCount, boolean eventLog) {
    static Params of(String[] words) {
        int tasks = 0, carriers = 1;
        long delayNs = 0, seed = 0;
        var pin = Pin.SYNCHRONIZED;
        boolean runtimeCount = false, eventLog = false;
        for (int i = 3; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            String key = words[i].substring(0, Math.max(equals, 0)), value = words[i].substring(equals + 1);
            switch (key) {
                case "tasks" -> tasks = Integer.parseInt(value);
                case "carriers" -> carriers = Integer.parseInt(value);
                case "delay_ns" -> delayNs = Long.parseLong(value);
                case "seed" -> seed = Long.parseUnsignedLong(value);
                case "runtime_count" -> runtimeCount = value.equals("1");
                case "pin" -> pin = Pin.of(value);
                case "event_log" -> eventLog = true;
                case "over", "poller" -> { } // have one meaning here
                default -> throw new IllegalArgumentException(words[i]);
            }
        }
        return new Params(words[0], words[1].equals("java-virtual"), tasks, carriers, delayNs, seed, pin,
                runtimeCount, eventLog);
    }
}
