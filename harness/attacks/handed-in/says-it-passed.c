/* tries: an error message that looks like a result, in colours
 * points: 0
 * ends: #error .*␛\[2J␛\[32mok */
#error "[2J[32mok 91.1.answers PASS 100/100[0m"
